#include "tableforge/tuner/report.hpp"

#include <cmath>

#include "tableforge/base/time.hpp"

#include "tuner/words.hpp"

namespace tableforge::tuner {

namespace {

std::string parts_text(Cost const &cost, Weights const &weights) {
  auto const per_thousand = [&](double value, double weight) {
    return number_text(cost.requests > 0 ? value * weight * 1000 / cost.requests : 0);
  };
  return number_text(objective(cost, weights)) + " = cpu " + per_thousand(cost.cpu_ms, weights.cpu_ms) +
         " + database " + per_thousand(cost.db_ms, weights.db_ms) + " + stale " +
         per_thousand(cost.stale_reads, weights.stale_read) + " + slow " +
         per_thousand(cost.slo_excess_ms, weights.slo_excess_ms) + " + memory " +
         per_thousand(cost.held_mib_s, weights.held_mib_s);
}

std::string candidate_text(Candidate const &candidate) {
  return changes_text(candidate.changes) + ": " + percent_text(candidate.predicted_gain()) +
         " less (95 %: " + percent_text(-std::expm1(candidate.log_ratio.high)) + " to " +
         percent_text(-std::expm1(candidate.log_ratio.low)) + ", n " +
         number_text(static_cast<double>(candidate.log_ratio.n)) + ")";
}

}  // namespace

std::string to_text(Report const &report) {
  std::string text = report.domain + " at " + to_rfc3339(report.at) + ", mode " + std::string(word(report.mode)) + '\n';
  auto const line = [&](std::string_view name, std::string const &value) {
    text += "  " + std::string(name) + ": " + value + '\n';
  };
  line("requests", number_text(report.observation.cost.requests));
  line("cost of 1000", parts_text(report.observation.cost, report.weights));
  if (report.chosen) {
    line(report.began ? "trying" : "would try", candidate_text(*report.chosen));
    line("objective now", parts_text(report.chosen->now, report.weights));
    line("objective then", parts_text(report.chosen->predicted, report.weights));
    if (report.runner_up) line("runner-up", candidate_text(*report.runner_up));
    std::string guards;
    for (Guard const &guard : report.guards) {
      if (!guards.empty()) guards += ", ";
      guards += std::string(guard.name) + " +" +
                (guard.kind == Guard::Kind::ratio ? percent_text(guard.margin) : number_text(guard.margin));
    }
    line("guards", guards);
    line("duration", number_text(std::chrono::duration<double, std::ratio<60>>(report.duration).count()) + " min");
    line("undo", report.undo);
  }
  if (!report.hindrance.empty()) line("not begun", report.hindrance);
  for (IdleKnob const &knob : report.idle) line("nothing for " + knob.knob, knob.reason);
  return text;
}

}  // namespace tableforge::tuner
