#include "performance/cache/cache_report.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tableforge/base/time.hpp"

#include "load/load_report_style.hpp"
#include "load/quantity.hpp"
#include "performance/support/report_files.hpp"

namespace tableforge::test {

namespace {

using Json = nlohmann::ordered_json;
using load::escaped;

std::string with_unit(double value, std::string const &unit) {
  auto const number = load::number_words(value);
  return unit.empty() ? number : number + " " + unit;
}

double microseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

std::string_view word(Figure::Kind kind) {
  switch (kind) {
    case Figure::Kind::told: return "told";
    case Figure::Kind::absolute: return "absolute";
    case Figure::Kind::ratio: return "ratio";
    case Figure::Kind::right: return "right";
  }
  return {};
}

Json json_of(Figure const &figure, MeasuringMode const &mode) {
  Json json{{"name", figure.name}, {"value", figure.value}, {"unit", figure.unit}, {"kind", word(figure.kind)}};
  if (figure.must != Figure::Must::be_anything) {
    json["bar"] = {{figure.must == Figure::Must::be_at_most ? "at_most" : "at_least", figure.bar}};
    json["met"] = figure.met();
    json["enforced"] = mode.enforces(figure.kind);
  }
  return json;
}

Json json_of(load::LoadTiming const &timing) {
  auto const &latency = timing.latency;
  return {{"name", timing.name},
          {"count", latency.count},
          {"p50_us", microseconds(latency.p50)},
          {"p90_us", microseconds(latency.p90)},
          {"p99_us", microseconds(latency.p99)},
          {"p999_us", microseconds(latency.p999)},
          {"max_us", microseconds(latency.max)}};
}

std::string cell(std::string const &text, char const *style = nullptr) {
  return (style == nullptr ? "<td>" : "<td class=\"" + std::string(style) + "\">") + escaped(text) + "</td>";
}

std::string list_of(char const *style, std::vector<std::string> const &items) {
  if (items.empty()) return {};
  std::string out = "<ul class=\"" + std::string(style) + "\">\n";
  for (auto const &item : items) out += "<li>" + escaped(item) + "</li>\n";
  return out + "</ul>\n";
}

std::string figure_table(CacheReport const &report) {
  std::string out =
      "<h2>Figures</h2>\n<div class=\"table\"><table>\n<thead><tr><th class=\"words\">what</th><th>found</th>"
      "<th>bar</th><th>verdict</th></tr></thead>\n<tbody>\n";
  for (Figure const &figure : report.figures) {
    bool const judged = figure.must != Figure::Must::be_anything;
    out += "<tr>" + cell(figure.name, "words") + cell(figure.value_words()) + cell(judged ? figure.bar_words() : "–");
    out += judged ? (figure.met() ? cell("met") : cell("missed", "bad")) : cell("–", "none");
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table></div>\n";
}

std::string timing_table(CacheReport const &report) {
  if (report.timings.empty()) return {};
  std::string out =
      "<h2>Latency</h2>\n<div class=\"table\"><table>\n<thead><tr><th "
      "class=\"words\">what</th><th>times</th><th>p50</th>"
      "<th>p90</th><th>p99</th><th>p99.9</th><th>at most</th></tr></thead>\n<tbody>\n";
  for (auto const &timing : report.timings) {
    auto const &latency = timing.latency;
    out += "<tr>" + cell(timing.name, "words") + cell(load::number_words(static_cast<double>(latency.count)));
    for (auto const quantile : {latency.p50, latency.p90, latency.p99, latency.p999, latency.max}) {
      out += latency.count > 0 ? cell(load::duration_words(quantile)) : cell("–", "none");
    }
    out += "</tr>\n";
  }
  return out + "</tbody>\n</table></div>\n";
}

MeasuringMode decide_mode() {
  MeasuringMode mode;
  char const *const quick = std::getenv("TABLEFORGE_PERFORMANCE_QUICK");
  mode.quick = quick != nullptr && *quick != '\0' && std::string_view(quick) != "0";
  std::string_view const type = TABLEFORGE_BUILD_TYPE;
  std::string_view const sanitizers = TABLEFORGE_SANITIZERS;
  mode.release = type == "Release" && sanitizers.empty();
  mode.build = std::string(type) + (sanitizers.empty() ? "" : " with sanitizers " + std::string(sanitizers));
  return mode;
}

}  // namespace

bool Figure::met() const {
  switch (must) {
    case Must::be_anything: return true;
    case Must::be_at_most: return value <= bar;
    case Must::be_at_least: return value >= bar;
  }
  return false;
}

std::string Figure::bar_words() const {
  if (must == Must::be_anything) return {};
  return (must == Must::be_at_most ? "at most " : "at least ") + with_unit(bar, unit);
}

std::string Figure::value_words() const { return with_unit(value, unit); }

bool MeasuringMode::enforces(Figure::Kind kind) const {
  switch (kind) {
    case Figure::Kind::told: return false;
    case Figure::Kind::absolute: return release && !quick;
    case Figure::Kind::ratio: return !quick;
    case Figure::Kind::right: return true;
  }
  return true;
}

MeasuringMode const &measuring_mode() {
  static MeasuringMode const mode = decide_mode();
  return mode;
}

CacheReport::CacheReport(std::string its_title, std::string its_plan)
    : title(std::move(its_title)), plan(std::move(its_plan)), began_at(to_rfc3339(wall_clock_now())) {}

Figure const &CacheReport::add(Figure figure) {
  figures.push_back(std::move(figure));
  return figures.back();
}

load::LatencyQuantiles const &CacheReport::time(std::string name, load::LatencyQuantiles latency) {
  timings.push_back({.name = std::move(name), .latency = latency});
  return timings.back().latency;
}

std::vector<std::string> CacheReport::faults(MeasuringMode const &mode) const {
  auto out = failures;
  for (Figure const &figure : figures) {
    if (figure.met() || !mode.enforces(figure.kind)) continue;
    out.push_back(figure.name + ": " + figure.value_words() + " instead of " + figure.bar_words());
  }
  if (stale_reads > 0) {
    out.push_back(std::to_string(stale_reads) + " of " + std::to_string(reads_watched) +
                  " reads were older than their class allows");
  }
  return out;
}

std::string to_json(CacheReport const &report, MeasuringMode const &mode) {
  Json figures = Json::array();
  for (auto const &figure : report.figures) figures.push_back(json_of(figure, mode));
  Json timings = Json::array();
  for (auto const &timing : report.timings) timings.push_back(json_of(timing));
  auto const faults = report.faults(mode);
  Json const json{{"passed", faults.empty()},
                  {"title", report.title},
                  {"plan", report.plan},
                  {"began_at", report.began_at},
                  {"build", mode.build},
                  {"reads_watched", report.reads_watched},
                  {"stale_reads", report.stale_reads},
                  {"figures", std::move(figures)},
                  {"timings", std::move(timings)},
                  {"findings", report.findings},
                  {"recommendations", report.recommendations},
                  {"failures", faults}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

std::string to_html(CacheReport const &report, MeasuringMode const &mode) {
  auto const faults = report.faults(mode);
  std::string out = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";
  out += "<title>" + escaped(report.title) + "</title>\n<style>" + std::string(load::kLoadReportStyle) + "</style>\n";
  out += "</head>\n<body>\n<main>\n<h1>" + escaped(report.title) + "</h1>\n";
  out += "<p class=\"plan\">" + escaped(report.plan) + "</p>\n";
  out += faults.empty() ? "<p class=\"verdict passed\">✓ Passed</p>\n" : "<p class=\"verdict failed\">✗ Failed</p>\n";
  if (!mode.release) {
    out += "<p class=\"full\">A " + escaped(mode.build) + " build: absolute figures are not those of a release.</p>\n";
  }
  out += list_of("failures", faults) + list_of("findings", report.findings);
  if (!report.recommendations.empty()) {
    out += "<h2>Recommendations</h2>\n" + list_of("findings", report.recommendations);
  }
  out += figure_table(report) + timing_table(report);
  if (!report.plots.empty()) {
    out += "<h2>Plots</h2>\n<div class=\"plots\">\n";
    for (auto const &plot : report.plots) out += load::to_html(plot);
    out += "</div>\n";
  }
  out += "<footer>Began at " + escaped(report.began_at) + ", " + escaped(mode.build) + " build. " +
         std::to_string(report.reads_watched) + " reads were compared with their class's bound, " +
         std::to_string(report.stale_reads) + " were older.</footer>\n";
  return out + "</main>\n</body>\n</html>\n";
}

void conclude(CacheReport const &report, std::string const &name) {
  auto const &mode = measuring_mode();
  std::printf("%s, %s build%s\n", report.title.c_str(), mode.build.c_str(), mode.quick ? ", short mode" : "");
  for (Figure const &figure : report.figures) {
    bool const judged = figure.must != Figure::Must::be_anything;
    std::printf("  %-72s %s%s\n", figure.name.c_str(), figure.value_words().c_str(),
                judged ? (", bar: " + figure.bar_words() + (figure.met() ? ": met" : ": MISSED")).c_str() : "");
  }
  for (auto const &timing : report.timings) {
    std::printf("  %-60s p50 %s, p99 %s, p99.9 %s of %llu\n", timing.name.c_str(),
                load::duration_words(timing.latency.p50).c_str(), load::duration_words(timing.latency.p99).c_str(),
                load::duration_words(timing.latency.p999).c_str(),
                static_cast<unsigned long long>(timing.latency.count));
  }
  for (auto const &finding : report.findings) std::printf("- %s\n", finding.c_str());
  for (auto const &recommendation : report.recommendations) std::printf("* %s\n", recommendation.c_str());
  std::printf("stale reads beyond the class's bound: %llu of %llu\n",
              static_cast<unsigned long long>(report.stale_reads),
              static_cast<unsigned long long>(report.reads_watched));
  std::fflush(stdout);
  if (!mode.quick) leave_files(report_folder(), name, to_json(report, mode), to_html(report, mode));
  for (auto const &fault : report.faults(mode)) ADD_FAILURE() << fault;
}

}  // namespace tableforge::test
