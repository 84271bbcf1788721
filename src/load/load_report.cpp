#include "tableforge/load/load_report.hpp"

#include <algorithm>

#include "load/quantity.hpp"

namespace tableforge::load {

namespace {

bool is_whole(LoadStage const &stage) { return stage.lost == 0 && stage.doubled == 0 && stage.disordered == 0; }

std::string count_words(std::uint64_t value) { return number_words(static_cast<double>(value)); }

std::string per_second(std::uint64_t value, double seconds) {
  return seconds > 0 ? number_words(static_cast<double>(value) / seconds) + "/s" : "–/s";
}

std::string latency_line(char const *what, LatencyQuantiles const &latency) {
  if (latency.count == 0) return {};
  return std::string("  ") + what + "p50 " + duration_words(latency.p50) + ", p90 " + duration_words(latency.p90) +
         ", p99 " + duration_words(latency.p99) + ", p99.9 " + duration_words(latency.p999) + ", at most " +
         duration_words(latency.max) + "\n";
}

std::string use_words(ProcessUse const &use) {
  return cores_words(use.cores) + ", " + bytes_words(static_cast<double>(use.resident_bytes));
}

std::string stage_lines(LoadStage const &stage) {
  std::string text = stage.name + ": " + number_words(stage.seconds) + " s, " + count_words(stage.connections) +
                     " connections, " + number_words(stage.offered_per_second) + "/s offered\n";
  text += "  actions     " + per_second(stage.actions_accepted, stage.seconds) + " accepted (" +
          count_words(stage.actions_accepted) + " of " + count_words(stage.actions_sent) + "; " +
          count_words(stage.actions_refused) + " refused, " + count_words(stage.actions_unanswered) + " cut off)\n";
  text += "  deliveries  " + per_second(stage.deliveries + stage.presence_deliveries, stage.seconds) + " (" +
          count_words(stage.deliveries) + " events, " + count_words(stage.presence_deliveries) + " presence; " +
          count_words(stage.presence_coalesced) + " presence coalesced)\n";
  if (stage.resyncs > 0) text += "  resyncs     " + count_words(stage.resyncs) + "\n";
  text += latency_line("ack         ", stage.ack);
  text += latency_line("receipt     ", stage.receipt);
  text += latency_line("presence    ", stage.presence);
  text += "  server      " + (stage.server ? use_words(*stage.server) : std::string("not measured")) + "\n";
  if (stage.database) text += "  PostgreSQL  " + use_words(*stage.database) + "\n";
  text += "  generator   " + use_words(stage.generator) + "\n";
  if (!is_whole(stage)) {
    text += "  BROKEN      " + count_words(stage.lost) + " lost, " + count_words(stage.doubled) + " doubled, " +
            count_words(stage.disordered) + " out of order\n";
  }
  if (stage.connections_lost > 0)
    text += "  connections " + count_words(stage.connections_lost) + " ended by themselves\n";
  return text;
}

}  // namespace

bool LoadReport::passed() const { return failures.empty() && std::ranges::all_of(stages, is_whole); }

std::string summary(LoadReport const &report) {
  std::string text = report.title + ": " + report.plan + "\n";
  for (LoadStage const &stage : report.stages) text += stage_lines(stage);
  for (LoadTiming const &timing : report.timings) {
    if (timing.latency.count > 0) text += timing.name + ":\n" + latency_line("", timing.latency);
  }
  if (report.saturation_per_second) {
    text += "saturation    " + number_words(*report.saturation_per_second) + "/s\n";
  }
  if (report.generator_was_full) text += "The generator's own core was full: every rate is a lower bound.\n";
  for (auto const &failure : report.failures) text += "FAILURE: " + failure + "\n";
  for (auto const &finding : report.findings) text += "- " + finding + "\n";
  text += "seed          " + std::to_string(report.seed) + "\n";
  text += report.passed() ? "passed\n" : "FAILED\n";
  return text;
}

}  // namespace tableforge::load
