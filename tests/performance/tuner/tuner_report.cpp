#include "performance/tuner/tuner_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <utility>

#include <nlohmann/json.hpp>

#include "load/load_report_style.hpp"
#include "load/plot.hpp"
#include "load/quantity.hpp"
#include "performance/tuner/arms.hpp"

namespace tableforge::test {

namespace {

using Json = nlohmann::ordered_json;
using load::escaped;

constexpr std::array kAllArms{Arm::unchanged, Arm::naive, Arm::best_static, Arm::oracle, Arm::tuner};

[[gnu::format(printf, 1, 2)]] std::string print(char const *format, ...) {
  char text[256];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

bool steers(Arm arm) { return arm == Arm::naive || arm == Arm::tuner; }

/// By the scenario's floors.
bool passed(MeasuredScenario const &measured) {
  return std::ranges::none_of(measured.bars(), [](Bar const &bar) { return bar.floor && !bar.met(); });
}

Json json_of(ArmResult const &result) {
  return {{"cost", result.cost},
          {"final_cost", result.final_cost},
          {"regret", result.regret},
          {"final_regret", result.final_regret},
          {"decisions", result.decisions},
          {"hours", result.hours},
          {"phases_missed", result.missed},
          {"trials", result.trials},
          {"reversals", result.reversals},
          {"detour", result.detour},
          {"worst_p99_ms", result.worst_p99_ms}};
}

Json json_of(std::array<ArmResult, kArms> const &arms) {
  Json json;
  for (Arm const arm : kAllArms) json[std::string(name_of(arm))] = json_of(arms[static_cast<std::size_t>(arm)]);
  return json;
}

Json json_of(Bar const &bar) {
  return {{"name", bar.name},
          {"value", bar.value},
          {"at_most", bar.at_most},
          {"kind", bar.floor ? "floor" : "target"},
          {"met", bar.met()}};
}

load::PlotPlaces hours_axis(std::size_t buckets) {
  load::PlotPlaces places{.label = "hours", .names = {}, .at = {}, .logarithmic = false, .words = load::short_number};
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    double const hour = (static_cast<double>(bucket) + 0.5) * kBucketSeconds / 3600;
    places.names.push_back(print("%.2f h", hour));
    places.at.push_back(hour);
  }
  return places;
}

char const *colour_of(Arm arm) {
  switch (arm) {
    case Arm::unchanged: return "grey";
    case Arm::naive: return "orange";
    case Arm::best_static: return "violet";
    case Arm::oracle: return "aqua";
    case Arm::tuner: return "blue";
  }
  return "";
}

load::Plot plot_of(MeasuredRun const &run, std::string title, load::PlotScale scale,
                   std::vector<double> ArmResult::*series) {
  load::Plot plot{.title = std::move(title),
                  .note = print("Seed %llu, every five minutes.", static_cast<unsigned long long>(run.seed)),
                  .x = hours_axis(run.of(Arm::tuner).ttls.size()),
                  .y = std::move(scale),
                  .lines = {}};
  for (Arm const arm : kAllArms) {
    auto const &values = run.of(arm).*series;
    if (values.empty()) continue;
    plot.lines.push_back(
        {.name = std::string(name_of(arm)), .colour = colour_of(arm), .values = {values.begin(), values.end()}});
  }
  return plot;
}

std::string plots_of(MeasuredScenario const &measured) {
  MeasuredRun const &run = measured.runs.front();
  auto const seconds = [](double value) { return load::short_number(value) + " s"; };
  auto const percent = [](double value) { return load::short_number(value) + " %"; };
  return "<div class=\"plots\">\n" +
         load::to_html(plot_of(run, "The knob: lifetime", {"seconds", true, seconds}, &ArmResult::ttls)) +
         load::to_html(plot_of(run, "What it moved: cost of 1,000 reads",
                               {"CPU milliseconds", false, load::short_number}, &ArmResult::costs)) +
         load::to_html(
             plot_of(run, "What it moved: stale reads", {"% of the reads", false, percent}, &ArmResult::stale)) +
         "</div>\n";
}

std::string cell(std::string const &text, char const *style = nullptr) {
  return (style == nullptr ? "<td>" : "<td class=\"" + std::string(style) + "\">") + escaped(text) + "</td>";
}

std::string arm_table(MeasuredScenario const &measured) {
  std::string out =
      "<div class=\"table\"><table>\n<thead><tr><th class=\"words\">arm</th><th>J: cost of 1,000 reads</th>"
      "<th>of best static</th><th>regret</th><th>regret, last third</th><th>decisions to 10 %</th>"
      "<th>hours to 10 %</th><th>phases never within 10 %</th><th>trials</th><th>reversals</th><th>detour</th>"
      "<th>worst p99, ms</th></tr></thead>\n<tbody>\n";
  auto const arms = measured.medians();
  double const best = arms[static_cast<std::size_t>(Arm::best_static)].cost;
  for (Arm const arm : kAllArms) {
    auto const &each = arms[static_cast<std::size_t>(arm)];
    out += "<tr>" + cell(std::string(name_of(arm)), "words") + cell(print("%.1f", each.cost)) +
           cell(print("%.3f", each.cost / best)) + cell(print("%.3f", each.regret)) +
           cell(print("%.3f", each.final_regret));
    if (steers(arm)) {
      out += cell(print("%.1f", each.decisions)) + cell(print("%.2f", each.hours)) + cell(std::to_string(each.missed)) +
             cell(std::to_string(each.trials)) + cell(std::to_string(each.reversals)) +
             cell(std::isfinite(each.detour) ? print("%.1f", each.detour) : "∞");
    } else {
      for (int i = 0; i < 6; ++i) out += cell("–", "none");
    }
    out += cell(print("%.1f", each.worst_p99_ms)) + "</tr>\n";
  }
  return out + "</tbody>\n</table></div>\n";
}

std::string bar_table(MeasuredScenario const &measured) {
  std::string out =
      "<div class=\"table\"><table>\n<thead><tr><th class=\"words\">the tuner's</th><th>found</th><th>at most</th>"
      "<th>kind</th><th>verdict</th></tr></thead>\n<tbody>\n";
  for (Bar const &bar : measured.bars()) {
    out += "<tr>" + cell(bar.name, "words") + cell(print("%.3f", bar.value)) + cell(print("%.2f", bar.at_most)) +
           cell(bar.floor ? "floor" : "target") +
           (bar.met() ? cell("met") : cell("missed", bar.floor ? "bad" : "none")) + "</tr>\n";
  }
  return out + "</tbody>\n</table></div>\n";
}

}  // namespace

std::string to_text(std::vector<MeasuredScenario> const &scenarios) {
  std::string out = print("%-20s %-12s %8s %7s %7s %7s %6s %5s %5s %6s %4s %6s\n", "scenario", "arm", "J", "/static",
                          "regret", "final", "decis", "h", "never", "trials", "rev", "p99");
  for (auto const &measured : scenarios) {
    auto const arms = measured.medians();
    double const best = arms[static_cast<std::size_t>(Arm::best_static)].cost;
    for (Arm const arm : kAllArms) {
      auto const &each = arms[static_cast<std::size_t>(arm)];
      out += print("%-20s %-12s %8.1f %7.3f %7.3f %7.3f %6.1f %5.2f %5zu %6zu %4zu %6.1f\n",
                   measured.scenario.name.c_str(), std::string(name_of(arm)).c_str(), each.cost, each.cost / best,
                   each.regret, each.final_regret, each.decisions, each.hours, each.missed, each.trials, each.reversals,
                   each.worst_p99_ms);
    }
    for (Bar const &bar : measured.bars()) {
      out += print("%-20s %s: %.3f, %s at most %.2f: %s\n", "", bar.name.c_str(), bar.value,
                   bar.floor ? "floor" : "target", bar.at_most, bar.met() ? "met" : "MISSED");
    }
  }
  return out;
}

std::string to_json(std::vector<MeasuredScenario> const &scenarios) {
  Json list = Json::array();
  for (auto const &measured : scenarios) {
    Json runs = Json::array();
    for (auto const &run : measured.runs) runs.push_back({{"seed", run.seed}, {"arms", json_of(run.arms)}});
    Json bars = Json::array();
    for (Bar const &bar : measured.bars()) bars.push_back(json_of(bar));
    list.push_back({{"scenario", measured.scenario.name},
                    {"hours", measured.scenario.hours()},
                    {"passed", passed(measured)},
                    {"bars", std::move(bars)},
                    {"medians", json_of(measured.medians())},
                    {"runs", std::move(runs)}});
  }
  return Json{{"clock", "virtual"}, {"scenarios", std::move(list)}}.dump(2);
}

std::string to_html(std::vector<MeasuredScenario> const &scenarios) {
  std::string const title = "The tuner on a virtual clock";
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<title>" + title + "</title>\n<style>" + std::string(load::kLoadReportStyle) + "</style>\n";
  out += "</head>\n<body>\n<main>\n<h1>" + title + "</h1>\n";
  out +=
      "<p class=\"plan\">The real loop over a model of one cached class: medians over the seeds, all arms on the same "
      "reads and writes. J is what 1,000 reads cost in milliseconds of CPU, the database's time and stale reads "
      "priced in. Regret is 0 at the oracle's cost and 1 at that of the default.</p>\n";
  bool const all = std::ranges::all_of(scenarios, passed);
  out += all ? "<p class=\"verdict passed\">✓ Every floor is met</p>\n"
             : "<p class=\"verdict failed\">✗ A floor is missed</p>\n";
  for (auto const &measured : scenarios) {
    out += "<h2>" + escaped(measured.scenario.name) + "</h2>\n" + bar_table(measured) + "<p></p>\n" +
           arm_table(measured) + "<p></p>\n" + plots_of(measured);
  }
  out += print("<footer>%zu seeds. Hours are virtual: a run of twelve takes seconds.</footer>\n",
               scenarios.empty() ? std::size_t{0} : scenarios.front().runs.size());
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace tableforge::test
