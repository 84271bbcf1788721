#pragma once

#include <string_view>

namespace tableforge::load {

/// How the page of a load report looks, in light and in dark. The quantiles are shades of one colour, for they are an
/// order; what stands beside each other has colours that people with a colour deficiency tell apart too.
inline constexpr std::string_view kLoadReportStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #f6f6f4; --card: #fdfdfc; --text: #1c1c1a; --quiet: #5c5b57; --rule: #e3e2dd; --axis: #a9a8a2;
  --bad: #c22f2f; --bad-back: #fbe9e7; --good: #0b7a2d; --warn: #8a5a00; --warn-back: #fdf3dc;
  --p50: #86b6ef; --p90: #3987e5; --p99: #1c5cab; --p999: #0d366b;
  --blue: #2a78d6; --orange: #d95926; --aqua: #12976a; --violet: #5a48c0; --grey: #85847e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121211; --card: #1b1b1a; --text: #f3f2ee; --quiet: #b3b2ab; --rule: #32322f; --axis: #6f6e69;
    --bad: #ff7a70; --bad-back: #3d1a18; --good: #5fcf80; --warn: #f2bd55; --warn-back: #38290b;
    --p50: #2465b8; --p90: #3f8ff0; --p99: #8fbdf5; --p999: #d6e7fc;
    --blue: #3f8ff0; --orange: #ef7846; --aqua: #2bb585; --violet: #a197f0; --grey: #93928b;
  }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 24px; background: var(--page); color: var(--text);
       font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 1400px; margin: 0 auto; }
h1 { margin: 0; font-size: 26px; line-height: 1.25; }
h2 { margin: 32px 0 12px; font-size: 18px; }
.plan { margin: 4px 0 0; color: var(--quiet); }
.verdict { display: inline-block; margin: 16px 0 0; padding: 4px 14px; border-radius: 6px; font-weight: 650;
           border: 1.5px solid currentColor; }
.passed { color: var(--good); }
.failed { color: var(--bad); background: var(--bad-back); }
.full { margin: 16px 0 0; padding: 10px 14px; border-radius: 6px; color: var(--warn); background: var(--warn-back); }
.findings, .failures { margin: 12px 0 0; padding-left: 22px; max-width: 110ch; }
.findings li, .failures li { margin: 4px 0; }
.failures { color: var(--bad); font-weight: 600; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0 0; padding: 0; list-style: none; }
.tiles li { flex: 1 1 150px; padding: 12px 16px; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
.tiles b { display: block; font-size: 24px; font-weight: 600; line-height: 1.3; }
.tiles span { color: var(--quiet); font-size: 13px; }
.tiles .bad b { color: var(--bad); }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px), 1fr)); gap: 16px; }
figure { margin: 0; padding: 16px 16px 8px; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
figcaption { font-weight: 600; }
.note, .unit, .nothing { margin: 0; color: var(--quiet); font-size: 13px; }
.unit { margin-top: 6px; }
.nothing { padding: 48px 0; text-align: center; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 4px 0 0; padding: 0; list-style: none; font-size: 13px;
          color: var(--quiet); }
.key { display: inline-block; width: 16px; height: 3px; margin-right: 6px; vertical-align: middle; border-radius: 2px;
       background: var(--line); }
svg { display: block; width: 100%; height: auto; margin-top: 4px; }
svg text { font-size: 12px; fill: var(--text); font-variant-numeric: tabular-nums; }
svg .mark, svg .label { fill: var(--quiet); }
.grid { stroke: var(--rule); stroke-width: 1; }
.axis { stroke: var(--axis); stroke-width: 1; }
.line path { fill: none; stroke: var(--line); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.line circle { fill: var(--line); stroke: var(--card); stroke-width: 1.5; }
.line circle.hidden { opacity: 0; }
.line circle:hover { stroke: var(--text); opacity: 1; }
.p50 { --line: var(--p50); } .p90 { --line: var(--p90); } .p99 { --line: var(--p99); } .p999 { --line: var(--p999); }
.blue { --line: var(--blue); } .orange { --line: var(--orange); } .aqua { --line: var(--aqua); }
.violet { --line: var(--violet); } .grey { --line: var(--grey); }
.line.grey path { stroke-dasharray: 6 4; }
.table { overflow-x: auto; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; text-align: right; white-space: nowrap; border-top: 1px solid var(--rule); }
thead th { border-top: 0; white-space: normal; color: var(--quiet); font-weight: 500; vertical-align: bottom; }
thead tr:first-child th[colspan] { text-align: center; border-bottom: 1px solid var(--rule); }
th.words, td.words { text-align: left; }
td.bad { color: var(--bad); background: var(--bad-back); font-weight: 700; }
td.none { color: var(--quiet); }
footer { margin-top: 24px; color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; }
@media print { body { padding: 0; } figure, .table { break-inside: avoid; } }
)css";

}  // namespace tableforge::load
