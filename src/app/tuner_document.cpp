#include "app/tuner_document.hpp"

#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

namespace tableforge::app {

namespace {

// Numbers that JSON does not have, such as where an interval ends that knows nothing, become null.
using Document = nlohmann::ordered_json;

template <Described T>
Document numbers_of(T const &value) {
  Document document = Document::object();
  for_each_field<T>([&](auto const &each) { document[std::string(each.name)] = value.*each.member; });
  return document;
}

Document changes_of(std::vector<tuner::Change> const &changes) {
  auto document = Document::array();
  for (auto const &change : changes) document.push_back(numbers_of(change));
  return document;
}

std::string_view kind_of(tuner::TrialKind kind) {
  switch (kind) {
    case tuner::TrialKind::cohort: return "cohort";
    case tuner::TrialKind::switchback: return "switchback";
    case tuner::TrialKind::before_after: return "before_after";
  }
  return {};
}

Document candidate_of(tuner::Candidate const &candidate) {
  return {{"changes", changes_of(candidate.changes)},
          {"kind", kind_of(candidate.kind)},
          {"predicted_gain", candidate.predicted_gain()},
          {"log_ratio",
           {{"mean", candidate.log_ratio.mean},
            {"low", candidate.log_ratio.low},
            {"high", candidate.log_ratio.high},
            {"n", candidate.log_ratio.n}}},
          {"now", numbers_of(candidate.now)},
          {"then", numbers_of(candidate.predicted)}};
}

std::string text_of(Document const &document) {
  return document.dump(-1, ' ', false, Document::error_handler_t::replace);
}

Document reactive_of(tuner::ReactiveMonitor const &monitor) {
  Document document{{"breached", monitor.breached()}};
  if (auto const since = monitor.breached_since()) document["since"] = to_rfc3339(*since);
  if (auto const stage = monitor.blamed()) document["blamed"] = word(*stage);
  auto leases = Document::array();
  for (auto const &lease : monitor.leases()) {
    leases.push_back({{"knob", lease.knob->info().name},
                      {"stage", word(lease.stage)},
                      {"from", lease.from},
                      {"to", lease.to},
                      {"until", to_rfc3339(lease.until)}});
  }
  document["leases"] = std::move(leases);
  return document;
}

std::string hash_text(std::uint64_t hash) {
  std::array<char, 16> digits{};
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr};
}

Document knob_of(tuner::KnobValue const &knob, tuner::KnobState const *state) {
  Document document{
      {"name", knob.name}, {"value", knob.value}, {"boot", knob.boot}, {"min", knob.min}, {"max", knob.max}};
  if (state == nullptr) return document;
  if (state->pinned) document["pinned"] = *state->pinned;
  if (state->kept) document["kept"] = *state->kept;
  if (state->memory.frozen_until > Time{}) document["frozen_until"] = to_rfc3339(state->memory.frozen_until);
  document["reversals"] = state->memory.reversals;
  return document;
}

Document domain_of(tuner::TunedDomain const &tuned, Tuning::Desk const &desk) {
  auto const name = tuned.domain.name();
  Document document{{"name", name}, {"group", word(tuned.domain.group())}};
  if (tuned.schedule) document["next_at"] = to_rfc3339(tuned.schedule->next(desk.now));
  if (desk.tuner.waits(name)) document["waits"] = true;
  if (auto const *const trial = desk.tuner.trial(name)) document["trial"] = candidate_of(*trial);
  if (auto const *const report = desk.tuner.report(name)) document["latest"] = to_text(*report);
  return document;
}

Document action_of(tuner::Action const &action) {
  Document document{{"id", action.id.text()},
                    {"at", to_rfc3339(action.at)},
                    {"domain", action.domain},
                    {"state", word(action.state)},
                    {"changes", changes_of(action.changes)},
                    {"cohort", action.cohort},
                    {"trigger", word(action.trigger)},
                    {"mode", word(action.mode)},
                    {"predicted_gain", action.predicted_gain}};
  if (action.realised_gain) document["realised_gain"] = *action.realised_gain;
  if (action.verdict) document["verdict"] = word(*action.verdict);
  document["reason"] = action.reason;
  document["undo"] = action.undo;
  document["config_hash"] = hash_text(action.config_hash);
  auto evidence = Document::parse(action.evidence, nullptr, false);
  if (!evidence.is_discarded()) document["evidence"] = std::move(evidence);
  return document;
}

}  // namespace

std::string tuner_status_document(Tuning::Desk const &desk) {
  auto domains = Document::array();
  auto knobs = Document::array();
  for (auto const &domain : desk.domains) {
    domains.push_back(domain_of(domain, desk));
    for (auto const &knob : domain.domain.knobs()) knobs.push_back(knob_of(knob, desk.tuner.knob_state(knob.name)));
  }
  return text_of({{"mode", word(desk.tuner.mode())},
                  {"domains", domains},
                  {"knobs", knobs},
                  {"reactive", reactive_of(desk.monitor)},
                  {"spooled_lines", desk.record.spooled()}});
}

std::string tuner_off_document() {
  return text_of({{"mode", word(tuner::Mode::off)},
                  {"domains", Document::array()},
                  {"knobs", Document::array()},
                  {"reactive", {{"breached", false}, {"leases", Document::array()}}},
                  {"spooled_lines", 0}});
}

std::string tuner_report_document(tuner::Report const &report) {
  Document document{{"domain", report.domain},
                    {"at", to_rfc3339(report.at)},
                    {"mode", word(report.mode)},
                    {"began", report.began},
                    {"weights", numbers_of(report.weights)},
                    {"seen", numbers_of(report.observation.cost)}};
  if (report.chosen) document["chosen"] = candidate_of(*report.chosen);
  if (report.runner_up) document["runner_up"] = candidate_of(*report.runner_up);
  if (!report.hindrance.empty()) document["hindrance"] = report.hindrance;
  auto guards = Document::array();
  for (auto const &guard : report.guards) {
    guards.push_back({{"name", guard.name},
                      {"kind", guard.kind == tuner::Guard::Kind::ratio ? "ratio" : "difference"},
                      {"margin", guard.margin}});
  }
  document["guards"] = std::move(guards);
  document["duration_ms"] = report.duration.count();
  document["undo"] = report.undo;
  auto idle = Document::array();
  for (auto const &knob : report.idle) idle.push_back({{"knob", knob.knob}, {"reason", knob.reason}});
  document["idle"] = std::move(idle);
  document["text"] = to_text(report);
  return text_of(document);
}

std::string tuner_history_document(std::vector<tuner::Action> const &actions) {
  auto lines = Document::array();
  for (auto const &action : actions) lines.push_back(action_of(action));
  return text_of({{"actions", lines}});
}

}  // namespace tableforge::app
