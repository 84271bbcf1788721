#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <numeric>

#include "tableforge/load/load_report.hpp"

#include "load/load_report_style.hpp"
#include "load/plot.hpp"
#include "load/quantity.hpp"

namespace tableforge::load {

namespace {

using Quantiles = LatencyQuantiles;

double seconds_of(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

std::string seconds_words(double seconds) {
  return duration_words(std::chrono::nanoseconds(std::llround(seconds * 1e9)));
}

std::string count_text(std::uint64_t value) { return number_words(static_cast<double>(value)); }

double rate_of(std::uint64_t count, LoadStage const &stage) {
  return stage.seconds > 0 ? static_cast<double>(count) / stage.seconds : NAN;
}

double accepted_rate(LoadStage const &stage) { return rate_of(stage.actions_accepted, stage); }
double delivery_rate(LoadStage const &stage) { return rate_of(stage.deliveries + stage.presence_deliveries, stage); }

PlotScale latency_scale() { return {.label = "latency, logarithmic", .logarithmic = true, .words = seconds_words}; }
PlotScale cores_scale() { return {.label = "cores (1 = one core all the time)", .words = number_words}; }
PlotScale memory_scale() { return {.label = "resident memory", .words = bytes_words}; }
PlotScale rate_scale(std::string label) { return {.label = std::move(label), .words = short_number}; }

/// One value per item.
template <class Items, class Value>
PlotLine line(std::string name, std::string colour, Items const &items, Value value) {
  PlotLine made{.name = std::move(name), .colour = std::move(colour), .values = {}};
  for (auto const &item : items) made.values.emplace_back(value(item));
  return made;
}

/// A quantile of nothing is not 0.
std::optional<double> quantile(Quantiles const &latency, std::chrono::nanoseconds Quantiles::*which) {
  if (latency.count == 0) return std::nullopt;
  return seconds_of(latency.*which);
}

template <class Item>
using Use = std::optional<ProcessUse> Item::*;

/// The server, PostgreSQL where its use is known, and the generator.
template <class Item, class Value>
std::vector<PlotLine> process_lines(std::vector<Item> const &items, Value value) {
  auto const of = [&](std::string name, std::string colour, Use<Item> use) {
    return line(std::move(name), std::move(colour), items, [&](Item const &item) {
      return item.*use ? std::optional<double>(value(*(item.*use))) : std::nullopt;
    });
  };
  std::vector<PlotLine> lines{of("server", "blue", &Item::server)};
  if (std::ranges::any_of(items, [](Item const &item) { return item.database.has_value(); })) {
    lines.push_back(of("PostgreSQL", "aqua", &Item::database));
  }
  lines.push_back(line("generator", "orange", items, [&](Item const &item) { return value(item.generator); }));
  return lines;
}

template <class Item>
Plot cores_plot(PlotPlaces places, std::vector<Item> const &items) {
  return {.title = "CPU",
          .note = "The generator runs on one core; close to 1 it is full, and all rates are lower bounds.",
          .x = std::move(places),
          .y = cores_scale(),
          .lines = process_lines(items, [](ProcessUse const &use) { return use.cores; })};
}

template <class Item>
Plot memory_plot(PlotPlaces places, std::vector<Item> const &items) {
  return {.title = "Memory",
          .note = {},
          .x = std::move(places),
          .y = memory_scale(),
          .lines = process_lines(items, [](ProcessUse const &use) { return static_cast<double>(use.resident_bytes); })};
}

/// The stages in the order of a plot, and that plot's axis.
struct StageOrder {
  std::vector<LoadStage> stages;
  PlotPlaces places;
};

/// By what rises from stage to stage: connections, else the offered rate. A load that comes back to where it was, as
/// after a spike, has no such thing; there the stages follow each other.
StageOrder order_of(std::vector<LoadStage> const &stages) {
  StageOrder order{.stages = stages, .places = {.label = "stage", .names = {}, .at = {}, .words = short_number}};
  auto const along = [&](std::string const &label, auto value) {
    std::vector<LoadStage> sorted = stages;
    std::ranges::sort(sorted, {}, value);
    if (sorted.size() < 2 || !(value(sorted.front()) >= 0)) return false;
    if (std::ranges::adjacent_find(sorted, [&](auto const &a, auto const &b) { return value(b) <= value(a) * 1.02; }) !=
        sorted.end()) {
      return false;
    }
    order.stages = std::move(sorted);
    for (LoadStage const &stage : order.stages) order.places.at.push_back(value(stage));
    order.places.logarithmic = order.places.at.front() > 0 && order.places.at.back() / order.places.at.front() >= 20;
    order.places.label = label + (order.places.logarithmic ? ", logarithmic" : "");
    return true;
  };
  if (!along("connections", [](LoadStage const &stage) { return static_cast<double>(stage.connections); })) {
    along("offered messages/s", [](LoadStage const &stage) { return stage.offered_per_second; });
  }
  for (LoadStage const &stage : order.stages) order.places.names.push_back(stage.name);
  return order;
}

Plot quantiles_plot(std::string title, std::string note, StageOrder const &order, Quantiles LoadStage::*kind) {
  auto const of = [&](std::string name, std::string colour, std::chrono::nanoseconds Quantiles::*which) {
    return line(std::move(name), std::move(colour), order.stages,
                [&](LoadStage const &stage) { return quantile(stage.*kind, which); });
  };
  return {.title = std::move(title),
          .note = std::move(note),
          .x = order.places,
          .y = latency_scale(),
          .lines = {of("p50", "p50", &Quantiles::p50), of("p90", "p90", &Quantiles::p90),
                    of("p99", "p99", &Quantiles::p99), of("p99.9", "p999", &Quantiles::p999)}};
}

/// Of a single stage: how long for what share of the messages.
Plot profile_plot(LoadStage const &stage) {
  Plot plot{.title = "Latency",
            .note = "Of this share of the messages, none took longer. Counted from when a message was due.",
            .x = {.label = "share of the messages",
                  .names = {"50 %", "90 %", "99 %", "99.9 %", "all"},
                  .at = {},
                  .words = number_words},
            .y = latency_scale(),
            .lines = {}};
  auto const add = [&](std::string name, std::string colour, Quantiles const &latency) {
    if (latency.count == 0) return;
    plot.lines.push_back({std::move(name),
                          std::move(colour),
                          {seconds_of(latency.p50), seconds_of(latency.p90), seconds_of(latency.p99),
                           seconds_of(latency.p999), seconds_of(latency.max)}});
  };
  add("ack", "blue", stage.ack);
  add("receipt", "orange", stage.receipt);
  add("presence", "aqua", stage.presence);
  return plot;
}

bool counted(std::vector<LoadStage> const &stages, Quantiles LoadStage::*kind) {
  return std::ranges::any_of(stages, [&](LoadStage const &stage) { return (stage.*kind).count > 0; });
}

std::string stage_plots(std::vector<LoadStage> const &stages) {
  if (stages.size() == 1) return to_html(profile_plot(stages.front()));
  StageOrder const order = order_of(stages);
  std::string out;
  if (counted(stages, &LoadStage::ack)) {
    out += to_html(quantiles_plot("Acknowledgement", "From when an action was due to its sender's own event.", order,
                                  &LoadStage::ack));
  }
  if (counted(stages, &LoadStage::receipt)) {
    out += to_html(quantiles_plot("Receipt", "From when an action was due to its receipt by the others at the table.",
                                  order, &LoadStage::receipt));
  }
  if (counted(stages, &LoadStage::presence)) {
    out += to_html(quantiles_plot("Presence", "From when a presence message was due to its receipt by the others.",
                                  order, &LoadStage::presence));
  }
  out += to_html(Plot{
      .title = "Throughput",
      .note = "Offered counts actions and presence; sent and accepted count the actions alone.",
      .x = order.places,
      .y = rate_scale("messages per second"),
      .lines = {line("offered", "grey", order.stages, [](LoadStage const &stage) { return stage.offered_per_second; }),
                line("sent", "orange", order.stages,
                     [](LoadStage const &stage) { return rate_of(stage.actions_sent, stage); }),
                line("accepted", "blue", order.stages, accepted_rate)}});
  out += to_html(Plot{.title = "Deliveries",
                      .note = "Events and presence messages that reached a connection.",
                      .x = order.places,
                      .y = rate_scale("deliveries per second"),
                      .lines = {line("deliveries", "violet", order.stages, delivery_rate)}});
  return out + to_html(cores_plot(order.places, order.stages)) + to_html(memory_plot(order.places, order.stages));
}

std::string sample_plots(std::vector<LoadSample> const &samples) {
  PlotPlaces places{.label = "seconds since the first message was due", .names = {}, .at = {}, .words = short_number};
  for (LoadSample const &sample : samples) {
    places.at.push_back(sample.at_seconds);
    places.names.push_back(number_words(sample.at_seconds) + " s");
  }
  auto const latency = [&](std::string name, std::string colour, std::chrono::nanoseconds LoadSample::*which) {
    return line(std::move(name), std::move(colour), samples,
                [&](LoadSample const &sample) { return seconds_of(sample.*which); });
  };
  auto const happened = [&](std::chrono::nanoseconds LoadSample::*which) {
    return std::ranges::any_of(samples, [&](LoadSample const &sample) { return (sample.*which).count() > 0; });
  };
  std::string out;
  if (happened(&LoadSample::ack_p99)) {
    out += to_html(
        Plot{.title = "Acknowledgement",
             .note = {},
             .x = places,
             .y = latency_scale(),
             .lines = {latency("p50", "p50", &LoadSample::ack_p50), latency("p99", "p99", &LoadSample::ack_p99)}});
  }
  if (happened(&LoadSample::presence_p99)) {
    out += to_html(Plot{
        .title = "Presence",
        .note = {},
        .x = places,
        .y = latency_scale(),
        .lines = {latency("p50", "p50", &LoadSample::presence_p50), latency("p99", "p99", &LoadSample::presence_p99)}});
  }
  out += to_html(
      Plot{.title = "Throughput",
           .note = {},
           .x = places,
           .y = rate_scale("messages per second"),
           .lines = {line("offered", "grey", samples, [](LoadSample const &s) { return s.offered_per_second; }),
                     line("accepted", "blue", samples, [](LoadSample const &s) { return s.actions_per_second; })}});
  out += to_html(Plot{
      .title = "Deliveries",
      .note = {},
      .x = places,
      .y = rate_scale("deliveries per second"),
      .lines = {line("deliveries", "violet", samples, [](LoadSample const &s) { return s.deliveries_per_second; })}});
  auto const differ = [](LoadSample const &a, LoadSample const &b) { return a.connections != b.connections; };
  if (std::ranges::adjacent_find(samples, differ) != samples.end()) {
    out += to_html(Plot{.title = "Connections",
                        .note = {},
                        .x = places,
                        .y = rate_scale("connections"),
                        .lines = {line("connections", "blue", samples,
                                       [](LoadSample const &s) { return static_cast<double>(s.connections); })}});
  }
  return out + to_html(cores_plot(places, samples)) + to_html(memory_plot(places, samples));
}

std::string cell(std::string_view text) {
  return (text == "–" ? "<td class=\"none\">" : "<td>") + escaped(text) + "</td>";
}

std::string fault_cell(std::uint64_t count) {
  return (count > 0 ? "<td class=\"bad\">" : "<td>") + count_text(count) + "</td>";
}

std::string latency_cells(Quantiles const &latency) {
  if (latency.count == 0) return cell("–") + cell("–");
  return cell(duration_words(latency.p50)) + cell(duration_words(latency.p99));
}

std::string use_cells(std::optional<ProcessUse> const &use) {
  if (!use) return cell("–") + cell("–");
  return cell(number_words(use->cores)) + cell(bytes_words(static_cast<double>(use->resident_bytes)));
}

std::string stage_row(LoadStage const &stage, std::size_t number) {
  std::string row = "<tr><td>" + std::to_string(number) + "</td><td class=\"words\">" + escaped(stage.name) + "</td>";
  row += cell(number_words(stage.seconds)) + cell(count_text(stage.connections));
  row += cell(number_words(stage.offered_per_second)) + cell(number_words(accepted_rate(stage))) +
         cell(number_words(delivery_rate(stage)));
  row += fault_cell(stage.lost) + fault_cell(stage.doubled) + fault_cell(stage.disordered) +
         fault_cell(stage.connections_lost);
  row += cell(count_text(stage.actions_refused)) + cell(count_text(stage.actions_unanswered)) +
         cell(count_text(stage.presence_coalesced)) + cell(count_text(stage.resyncs));
  row += latency_cells(stage.ack) + latency_cells(stage.receipt) + latency_cells(stage.presence);
  row += cell(stage.late.count > 0 ? duration_words(stage.late.p99) : "–");
  row += use_cells(stage.server) + use_cells(stage.database) + use_cells(stage.generator);
  return row + "</tr>\n";
}

std::string stage_table(std::vector<LoadStage> const &stages) {
  std::string out = R"html(<div class="table"><table>
<thead>
<tr><th rowspan="2">#</th><th rowspan="2" class="words">stage</th><th rowspan="2">seconds</th><th rowspan="2">connections</th><th colspan="3">per second</th><th colspan="4">must be 0</th><th colspan="4">told so</th><th colspan="2">acknowledgement</th><th colspan="2">receipt</th><th colspan="2">presence</th><th>sent late</th><th colspan="2">server</th><th colspan="2">PostgreSQL</th><th colspan="2">generator</th></tr>
<tr><th>offered</th><th>accepted</th><th>deliveries</th><th>lost</th><th>doubled</th><th>out of order</th><th>connections lost</th><th>refused</th><th>cut off</th><th>coalesced</th><th>resyncs</th><th>p50</th><th>p99</th><th>p50</th><th>p99</th><th>p50</th><th>p99</th><th>p99</th><th>cores</th><th>memory</th><th>cores</th><th>memory</th><th>cores</th><th>memory</th></tr>
</thead>
<tbody>
)html";
  for (std::size_t i = 0; i < stages.size(); ++i) out += stage_row(stages[i], i + 1);
  return out + "</tbody>\n</table></div>\n";
}

/// What was timed beside the messages: as rows, and as one plot to compare them by.
std::string timing_section(std::vector<LoadTiming> const &timings) {
  std::vector<LoadTiming> timed;
  std::ranges::copy_if(timings, std::back_inserter(timed), [](LoadTiming const &t) { return t.latency.count > 0; });
  if (timed.empty()) return {};
  PlotPlaces places{.label = "row of the table", .names = {}, .at = {}, .words = short_number};
  for (LoadTiming const &timing : timed) places.names.push_back(timing.name);
  auto const of = [&](std::string name, std::string colour, std::chrono::nanoseconds Quantiles::*which) {
    return line(std::move(name), std::move(colour), timed,
                [&](LoadTiming const &timing) { return quantile(timing.latency, which); });
  };
  std::string out = "<h2>Beside the messages</h2>\n<div class=\"plots\">\n";
  out += to_html(Plot{.title = "How long each took",
                      .note = {},
                      .x = std::move(places),
                      .y = latency_scale(),
                      .lines = {of("p50", "p50", &Quantiles::p50), of("p90", "p90", &Quantiles::p90),
                                of("p99", "p99", &Quantiles::p99)},
                      .joined = false});
  out += R"html(<div class="table"><table>
<thead><tr><th>#</th><th class="words">what</th><th>times</th><th>p50</th><th>p90</th><th>p99</th><th>p99.9</th><th>at most</th></tr></thead>
<tbody>
)html";
  for (std::size_t i = 0; i < timed.size(); ++i) {
    auto const &latency = timed[i].latency;
    out += "<tr><td>" + std::to_string(i + 1) + "</td><td class=\"words\">" + escaped(timed[i].name) + "</td>" +
           cell(count_text(latency.count)) + cell(duration_words(latency.p50)) + cell(duration_words(latency.p90)) +
           cell(duration_words(latency.p99)) + cell(duration_words(latency.p999)) + cell(duration_words(latency.max)) +
           "</tr>\n";
  }
  return out + "</tbody>\n</table></div>\n</div>\n";
}

std::string tile(std::string const &value, std::string_view words, bool bad = false) {
  return std::string(bad ? "<li class=\"bad\">" : "<li>") + "<b>" + escaped(value) + "</b><span>" + escaped(words) +
         "</span></li>\n";
}

std::string tiles(LoadReport const &report) {
  auto const &stages = report.stages;
  auto const sum = [&](auto count) {
    return std::transform_reduce(stages.begin(), stages.end(), std::uint64_t{0}, std::plus<>{}, count);
  };
  auto const most = [&](auto rate) {
    double best = 0;
    for (LoadStage const &stage : stages) best = std::max(best, std::isfinite(rate(stage)) ? rate(stage) : 0);
    return best;
  };
  std::string out = "<ul class=\"tiles\">\n";
  if (report.saturation_per_second) {
    out += tile(number_words(*report.saturation_per_second) + "/s", "highest rate within the bound");
  }
  out += tile(number_words(most(accepted_rate)) + "/s",
              stages.size() > 1 ? "actions accepted, best stage" : "actions accepted");
  out += tile(number_words(most(delivery_rate)) + "/s", stages.size() > 1 ? "deliveries, best stage" : "deliveries");
  out += tile(count_text(sum([](LoadStage const &s) { return s.actions_accepted; })), "actions accepted in all");
  std::uint64_t const faults = sum([](LoadStage const &s) { return s.lost + s.doubled + s.disordered; });
  out += tile(count_text(faults), "lost, doubled or out of order", faults > 0);
  return out + "</ul>\n";
}

std::string bullets(char const *style, std::vector<std::string> const &items) {
  if (items.empty()) return {};
  std::string out = "<ul class=\"" + std::string(style) + "\">\n";
  for (auto const &item : items) out += "<li>" + escaped(item) + "</li>\n";
  return out + "</ul>\n";
}

}  // namespace

std::string to_html(LoadReport const &report) {
  bool const passed = report.passed();
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<title>" + escaped(report.title) + "</title>\n<style>" + std::string(kLoadReportStyle) + "</style>\n";
  out += "</head>\n<body>\n<main>\n<h1>" + escaped(report.title) + "</h1>\n";
  out += "<p class=\"plan\">" + escaped(report.plan) + "</p>\n";
  out += passed ? "<p class=\"verdict passed\">✓ Passed: nothing lost, doubled or out of order</p>\n"
                : "<p class=\"verdict failed\">✗ Failed</p>\n";
  if (report.generator_was_full) {
    out +=
        "<p class=\"full\">The generator's own core was full: every rate is a lower bound, and latency counts its "
        "delay too.</p>\n";
  }
  out += bullets("failures", report.failures) + bullets("findings", report.findings) + tiles(report);
  if (!report.stages.empty()) {
    out += "<h2>Over load</h2>\n<div class=\"plots\">\n" + stage_plots(report.stages) + "</div>\n";
    out += "<h2>Stages</h2>\n" + stage_table(report.stages);
  }
  out += timing_section(report.timings);
  // A single point is no line.
  if (report.samples.size() > 1) {
    out += "<h2>Over time</h2>\n<div class=\"plots\">\n" + sample_plots(report.samples) + "</div>\n";
  }
  out += "<footer>Began at " + escaped(report.began_at) + " against " + escaped(report.url) + " with seed " +
         std::to_string(report.seed) + ".</footer>\n";
  return out + "</main>\n</body>\n</html>\n";
}

}  // namespace tableforge::load
