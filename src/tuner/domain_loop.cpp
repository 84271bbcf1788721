#include "tuner/domain_loop.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "tableforge/base/check.hpp"

#include "tuner/evidence.hpp"
#include "tuner/words.hpp"

namespace tableforge::tuner {

namespace {

std::uint64_t seed_for(Domain const &domain, std::uint64_t seed) {
  for (char const c : domain.name()) seed = seed * 31 + static_cast<unsigned char>(c);
  return seed;
}

KnobValue const *find(std::vector<KnobValue> const &knobs, std::string_view name) {
  auto const found = std::ranges::find(knobs, name, &KnobValue::name);
  return found == knobs.end() ? nullptr : &*found;
}

bool touches(Candidate const &candidate, std::string_view knob) {
  return std::ranges::any_of(candidate.changes, [&](Change const &change) { return change.knob == knob; });
}

}  // namespace

DomainLoop::DomainLoop(TunedDomain tuned, Record &record, Budget &budget, TunerOptions const &options)
    : domain_(tuned.domain),
      schedule_(std::move(tuned.schedule)),
      record_(record),
      budget_(budget),
      options_(options),
      random_(seed_for(tuned.domain, options.seed)) {
  meet_knobs();
}

void DomainLoop::meet_knobs() {
  for (KnobValue const &knob : domain_.knobs()) {
    if (states_.size() >= kStatesMax) return;
    states_.try_emplace(knob.name, KnobState{.domain = std::string(domain_.name()), .knob = knob.name});
  }
}

bool DomainLoop::has(std::string_view knob) const {
  auto const knobs = domain_.knobs();
  return states_.contains(knob) && find(knobs, knob) != nullptr;
}

bool DomainLoop::ready() const {
  return phase_ == Phase::idle && waits_ && budget_.is_free(domain_.group(), domain_.name());
}

Result<void> DomainLoop::start(Time now) {
  if (auto undone = undo_unfinished(now); !undone) return undone;
  if (auto taken = take_up_values(); !taken) return taken;
  seen_ = {.since = {}, .until = now, .cost = domain_.total()};
  if (schedule_) next_slot_ = schedule_->next(now);
  return {};
}

Result<void> DomainLoop::undo_unfinished(Time now) {
  auto found = record_.unfinished(domain_.name());
  if (!found) return std::unexpected(found.error());
  for (Action const &intent : *found) {
    if (auto undone = domain_.undo(intent.changes); !undone) return undone;
    for (Change const &change : intent.changes) {
      auto const recalled = record_.recall(domain_.name());
      if (!recalled) return std::unexpected(recalled.error());
      // What the trial had come to keep when the process ended is not kept.
      for (KnobState state : *recalled) {
        if (state.knob != change.knob || state.kept != change.to) continue;
        state.kept = change.from;
        if (auto remembered = record_.remember(state); !remembered) return remembered;
      }
    }
    Action outcome = intent;
    outcome.at = now;
    outcome.state = ActionState::undone;
    outcome.trigger = Trigger::start;
    outcome.verdict = Verdict::abandoned;
    outcome.reason = "found unfinished at the start";
    if (auto written = record_.append(outcome); !written) return written;
  }
  return {};
}

Result<void> DomainLoop::take_up_values() {
  auto recalled = record_.recall(domain_.name());
  if (!recalled) return std::unexpected(recalled.error());
  for (KnobState &state : *recalled) {
    if (states_.size() < kStatesMax || states_.contains(state.knob)) states_[state.knob] = state;
    auto const knobs = domain_.knobs();
    KnobValue const *const knob = find(knobs, state.knob);
    if (knob == nullptr) continue;  // Of another version, or one that is to come again.
    std::optional<double> value = state.pinned;
    if (!value && options_.mode == Mode::auto_) value = state.kept;
    if (!value || *value == knob->value || *value < knob->min || *value > knob->max) continue;
    if (auto set = domain_.keep({{state.knob, knob->value, *value}}); !set) return set;
  }
  return {};
}

void DomainLoop::hear(Alarm alarm, Time now) {
  if (alarm == Alarm::none || options_.mode <= Mode::observe) return;
  if (alarm == Alarm::shifted) {
    if (trial_ && phase_ != Phase::ending) {
      conclude({.verdict = Verdict::invalid, .reason = "the load became another one", .log_ratio = {}, .guards = {}},
               now);
    }
    for (auto &[name, state] : states_) state.memory.shifted();
    return;
  }
  if (!schedule_ || phase_ != Phase::idle) return;
  if (!std::exchange(kept_, false)) {
    // A load that never rests is followed no more closely than by the schedule.
    if (alarmed_ && schedule_->next(*alarmed_) > now) return;
    alarmed_ = now;
  }
  slot(now, Trigger::alarm, false, true);
}

Time DomainLoop::advance(Time now) {
  hear(domain_.look(now), now);
  meet_knobs();  // Those that were found by looking can be pinned before there is a slot.
  while (true) {
    if (phase_ == Phase::idle) {
      if (ready()) {
        waits_ = false;
        if (!slot(now, Trigger::schedule, false, true).began) budget_.leave(domain_.group(), domain_.name());
        continue;
      }
      if (!next_slot_) return Time::max();
      if (now < *next_slot_) return *next_slot_;
      next_slot_ = schedule_->next(now);
      if (options_.mode != Mode::off) slot(now, Trigger::schedule, false);
    } else if (phase_ == Phase::ending) {
      if (!end(now)) return now + options_.retry;
    } else if (!run_trial(now)) {
      return until_;
    }
  }
}

Report DomainLoop::slot(Time now, Trigger trigger, bool dry_run, bool again) {
  meet_knobs();
  if (!dry_run && !again) {
    for (auto &[name, state] : states_) state.memory.pass();
  }
  Report report{.domain = std::string(domain_.name()),
                .at = now,
                .mode = dry_run ? Mode::dry_run : options_.mode,
                .weights = options_.weights,
                .observation = {.since = seen_.until, .until = now, .cost = domain_.total()},
                .chosen = {},
                .runner_up = {},
                .guards = {domain_.guards().begin(), domain_.guards().end()},
                .duration = {},
                .undo = {},
                .idle = {},
                .began = false,
                .hindrance = {}};
  Cost const total = report.observation.cost;
  report.observation.cost -= seen_.cost;
  if (!dry_run && !again) {
    seen_ = {.since = {}, .until = now, .cost = total};
    // What is only seen is not worth an error: the next slot sees more.
    if (auto noted = record_.note(domain_.name(), report.observation); !noted) report.hindrance = noted.error().text;
  }
  if (dry_run || report.mode > Mode::observe) {
    auto ranking = domain_.rank(now, options_.weights, *this);
    meet_knobs();  // Those that it has just thought of.
    choose(report, std::move(ranking), now);
  }
  if (!dry_run && report.chosen && report.mode > Mode::observe) {
    report.hindrance = begin(report, trigger, now);
    report.began = report.hindrance.empty() && report.mode > Mode::dry_run;
  }
  report_ = report;
  return report;
}

void DomainLoop::limit(Candidate &candidate) const {
  // Several that change together are in balance, and their domain's to limit.
  if (candidate.changes.size() != 1) return;
  Change &change = candidate.changes.front();
  if (change.from <= 0 || change.to <= 0 || may_leap(candidate)) return;
  change.to = limit_step(change.from, change.to, step_max(change.knob, change.direction()));
}

bool DomainLoop::may_leap(Candidate const &candidate) const {
  return candidate.counted && candidate.predicted_gain() >= options_.leap_gain_min && candidate.log_ratio.high < 0;
}

double DomainLoop::step_max(std::string_view knob, Direction direction) const {
  auto const found = states_.find(knob);
  auto const kept = found != states_.end() ? found->second.memory.streak(direction) : 0;
  return step_after(kept, options_.step_max, options_.step_power_max);
}

std::string DomainLoop::hindrance(Candidate const &candidate, Time now) const {
  for (Change const &change : candidate.changes) {
    auto const found = states_.find(change.knob);
    if (found == states_.end()) return "it is no knob of this domain";
    if (found->second.pinned) return "it is pinned to " + number_text(*found->second.pinned);
  }
  Change const &first = candidate.changes.front();
  KnobMemory const &memory = state(first.knob).memory;
  if (memory.frozen(now)) return "it turned round too often, and is frozen until " + to_rfc3339(memory.frozen_until);
  if (candidate.predicted_gain() < options_.predicted_gain_min) {
    return "the best candidate, " + number_text(first.to) + ", promises " + percent_text(candidate.predicted_gain()) +
           ", less than " + percent_text(options_.predicted_gain_min);
  }
  Ladder const &ladder = memory.ladder(first.direction());
  if (!ladder.open()) return "this direction was tried in vain, and rests for " + number_text(ladder.rest) + " periods";
  return {};
}

void DomainLoop::choose(Report &report, Ranking ranking, Time now) {
  report.idle = std::move(ranking.idle);
  std::map<std::string, std::string> reasons;
  for (Candidate &candidate : ranking.candidates) {
    if (candidate.changes.empty()) continue;
    auto const why = hindrance(candidate, now);
    if (why.empty() && !report.chosen) {
      report.chosen = std::move(candidate);
      continue;
    }
    if (why.empty() && !report.runner_up) report.runner_up = candidate;
    for (Change const &change : candidate.changes) {
      reasons.try_emplace(change.knob, why.empty() ? "another candidate promises more" : why);
    }
  }
  if (report.chosen) {
    for (Change const &change : report.chosen->changes) reasons.erase(change.knob);
    limit(*report.chosen);
    auto const plan = plan_trial(report.chosen->kind, report.chosen->settling, options_.plan, 0);
    report.duration = duration_of(plan);
    report.undo = undo_text(report.chosen->changes);
  }
  for (auto &[knob, reason] : reasons) report.idle.push_back({knob, std::move(reason)});
}

std::string DomainLoop::begin(Report const &report, Trigger trigger, Time now) {
  Candidate const &candidate = *report.chosen;
  bool const acts = options_.mode >= Mode::canary;
  Action intent = new_action(candidate.changes, acts ? ActionState::trial : ActionState::proposed, trigger, now);
  intent.cohort = cohort_text(candidate.kind, options_.mode);
  intent.predicted_gain = candidate.predicted_gain();
  intent.evidence = evidence_of(candidate, options_.weights);
  if (acts && options_.held && !candidate.remedies_lateness)
    return "answers take longer than their objective, and nothing is tried until that is over";
  if (acts && !budget_.take(domain_.group(), domain_.name())) {
    auto const &holder = budget_.holder(domain_.group());
    if (trigger != Trigger::operator_) {
      budget_.stand_in_line(domain_.group(), domain_.name());
      waits_ = true;
    }
    return holder ? "the domain " + *holder + " is trying something in the same group"
                  : "another domain of the same group comes before it";
  }
  if (auto written = record_.append(intent); !written) {
    if (acts) budget_.give_back(domain_.group(), domain_.name());
    return "the record could not be written: " + std::string(written.error().text);
  }
  if (!acts) return {};
  PlanRules plan = options_.plan;
  plan.canary_only = options_.mode == Mode::canary;
  JudgeRules rules = options_.judge;
  // An index is not judged in a hurry: it takes its time to be used by every plan.
  if (candidate.kind != TrialKind::before_after && candidate.predicted_gain() >= options_.early_gain_min) {
    rules.early_blocks = options_.early_blocks;
    plan.led_blocks = plan.led_blocks_brief;
  }
  trial_.emplace(Trial::Spec{.candidate = candidate,
                             .intent = std::move(intent),
                             .plan = plan_trial(candidate.kind, candidate.settling, plan, random_()),
                             .guards = domain_.guards(),
                             .weights = options_.weights,
                             .rules = rules,
                             .requests_min = domain_.requests_min()});
  phase_ = Phase::applying;
  until_ = now;
  kept_ = false;
  return {};
}

/// One step of the trial; false if there is none before `until_`.
bool DomainLoop::run_trial(Time now) {
  if (now < until_) return false;
  Segment const &segment = trial_->segment();
  switch (phase_) {
    case Phase::applying: {
      auto const applied = domain_.apply(trial_->candidate().changes, segment.exposure);
      if (!applied) {
        abandon(applied.error().text, now);
      } else if (*applied == Applied::under_way) {
        until_ = now + options_.retry;
      } else {
        phase_ = Phase::settling;
        until_ = now + segment.settle;
      }
      return true;
    }
    case Phase::settling:
      domain_.begin_reading(now);
      phase_ = Phase::measuring;
      until_ = now + segment.measure;
      return true;
    case Phase::measuring:
      if (auto judgement = trial_->add(domain_.end_reading(now))) {
        conclude(*judgement, now);
      } else {
        phase_ = Phase::applying;
      }
      return true;
    case Phase::idle:
    case Phase::ending: break;
  }
  TF_CHECK(phase_ != Phase::idle && phase_ != Phase::ending);
  return false;
}

void DomainLoop::conclude(Judgement const &judgement, Time now) {
  judgement_ = judgement;
  // The mode it was begun in: what was judged on a canary alone is not kept because the mode has risen since.
  bool const keeps = judgement.verdict == Verdict::keep && trial_->intent().mode == Mode::auto_;
  outcome_ = trial_->intent();
  outcome_.at = now;
  outcome_.verdict = judgement.verdict;
  outcome_.reason = judgement.reason;
  if (judgement.log_ratio.n > 0) outcome_.realised_gain = -std::expm1(judgement.log_ratio.mean);
  outcome_.evidence = evidence_of(*trial_, judgement, options_.weights);
  if (judgement.verdict == Verdict::keep && !keeps) outcome_.reason = "would be kept, and the mode is canary";
  phase_ = Phase::ending;
  if (keeps) {
    // The value first, so that a crash between the two leaves a trial, which is undone, value and all.
    outcome_.state = ActionState::kept;
    auto kept = domain_.keep(outcome_.changes);
    if (kept) kept = remember_values(true);
    if (kept) kept = record_.append(outcome_);
    if (kept) {
      learn(now);
      kept_ = true;
      return release();
    }
    outcome_.verdict = judgement_.verdict = Verdict::abandoned;
    outcome_.reason = "it was to be kept, and could not: " + std::string(kept.error().text);
  }
  outcome_.state = judgement_.verdict == Verdict::abandoned ? ActionState::undone : ActionState::reverted;
  taken_back_ = false;
}

void DomainLoop::abandon(std::string_view reason, Time now) {
  if (!trial_ || phase_ == Phase::ending) return;
  conclude({.verdict = Verdict::abandoned, .reason = reason, .log_ratio = {}, .guards = {}}, now);
}

bool DomainLoop::end(Time now) {
  if (phase_ != Phase::ending) return phase_ == Phase::idle;
  if (!taken_back_) {
    if (!domain_.undo(outcome_.changes) || !remember_values(false)) return false;
    taken_back_ = true;
  }
  outcome_.at = now;
  if (!record_.append(outcome_)) return false;
  learn(now);
  release();
  return true;
}

void DomainLoop::release() {
  trial_.reset();
  phase_ = Phase::idle;
  budget_.give_back(domain_.group(), domain_.name());
}

/// What the verdict says of the next time. Nothing, where it says nothing of the candidate.
void DomainLoop::learn(Time now) {
  domain_.learn(outcome_.changes, judgement_.verdict, now);
  Change const &first = outcome_.changes.front();
  KnobState &state = states_[first.knob];
  switch (judgement_.verdict) {
    case Verdict::keep:
      if (outcome_.state == ActionState::kept) {
        state.memory.kept(first.direction(), now);
      } else {
        state.memory.failed(first.direction());
      }
      break;
    case Verdict::neutral:
    case Verdict::harmful:
    case Verdict::guarded: state.memory.failed(first.direction()); break;
    case Verdict::invalid:
    case Verdict::too_few:
    case Verdict::abandoned: return;
  }
  // Lost with the process if the record does not take it: then a knob is tried somewhat earlier than it should be.
  (void)record_.remember(state);
}

Result<void> DomainLoop::remember_values(bool kept) {
  for (Change const &change : outcome_.changes) {
    KnobState &state = states_[change.knob];
    std::optional<double> const value = kept ? change.to : change.from;
    bool const was_kept = state.kept.has_value();
    if (state.kept == value || (!kept && !was_kept)) continue;
    state.kept = value;
    if (auto remembered = record_.remember(state); !remembered) return remembered;
  }
  return {};
}

Action DomainLoop::new_action(std::vector<Change> changes, ActionState state, Trigger trigger, Time now) {
  Action action;
  for (std::size_t i = 0; i < action.id.bytes.size(); i += 8) {
    auto const bits = random_();
    for (std::size_t byte = 0; byte < 8; ++byte) {
      action.id.bytes[i + byte] = static_cast<std::uint8_t>(bits >> (8 * byte));
    }
  }
  action.id.bytes[6] = (action.id.bytes[6] & 0x0f) | 0x40;  // Of version 4, and of the variant that goes with it.
  action.id.bytes[8] = (action.id.bytes[8] & 0x3f) | 0x80;
  action.at = now;
  action.domain = domain_.name();
  action.state = state;
  action.undo = undo_text(changes);
  action.changes = std::move(changes);
  action.trigger = trigger;
  action.mode = options_.mode;
  action.config_hash = options_.config_hash;
  return action;
}

Result<void> DomainLoop::set(std::string_view knob, double value, std::string_view reason, Time now) {
  auto const knobs = domain_.knobs();
  KnobValue const *const found = find(knobs, knob);
  if (found == nullptr) return fail(Errc::not_found, "there is no such knob");
  if (!(value >= found->min && value <= found->max))
    return fail(Errc::invalid, "the value is out of the knob's bounds");
  if (found->value == value) return {};
  std::vector<Change> const changes{{found->name, found->value, value}};
  Action action = new_action(changes, ActionState::set, Trigger::operator_, now);
  action.reason = reason;
  // Whoever is asked for this needs it now: a record that is away does not stop it.
  (void)record_.append(action);
  return domain_.keep(changes);
}

Result<void> DomainLoop::pin(std::string_view knob, double value, Time now) {
  if (trial_ && touches(trial_->candidate(), knob)) abandon("an operator pinned the knob", now);
  if (phase_ == Phase::ending && !end(now)) return fail(Errc::unavailable, "a trial cannot be taken back now");
  if (auto set_ = set(knob, value, "pinned", now); !set_) return set_;
  KnobState &state = states_.find(knob)->second;
  state.pinned = value;
  return record_.remember(state);
}

Result<void> DomainLoop::unpin(std::string_view knob) {
  KnobState &state = states_.find(knob)->second;
  state.pinned.reset();
  return record_.remember(state);
}

Result<void> DomainLoop::reset(Time now) {
  abandon("an operator went back to the boot configuration", now);
  if (phase_ == Phase::ending && !end(now)) return fail(Errc::unavailable, "the trial cannot be taken back now");
  for (KnobValue const &knob : domain_.knobs()) {
    if (auto back = set(knob.name, knob.boot, "back to the boot configuration", now); !back) return back;
    KnobState &state = states_[knob.name];
    state = {.domain = std::string(domain_.name()), .knob = knob.name};
    if (auto remembered = record_.remember(state); !remembered) return remembered;
  }
  return {};
}

}  // namespace tableforge::tuner
