#include "tableforge/tuner/reactive_monitor.hpp"

#include <algorithm>
#include <utility>

#include "tableforge/log/log.hpp"

#include "tuner/words.hpp"

namespace tableforge::tuner {

namespace {

/// The name in the record of what the monitor does, where the loop's lines have their domain's.
constexpr std::string_view kName = "reactive";

std::string_view name_of(AnyKnob const &knob) { return knob.info().name; }

}  // namespace

ReactiveMonitor::ReactiveMonitor(std::vector<Remedy> remedies, Record &record, Options const &options)
    : remedies_(std::move(remedies)), record_(record), options_(options) {}

void ReactiveMonitor::step(Time now, Mode mode, Second const &second, double objective_ms) {
  next_ = now + options_.second;
  // Somebody waits, and nobody was answered for a second: that is as late as the second is long, at the least.
  bool const hangs = second.answers <= 0 && second.waiting > 0;
  p99_ms_ = hangs ? 2 * objective_ms : second.answers > 0 ? second.p99_ms : 0;
  watch_.add(p99_ms_, objective_ms);
  blame_.add(second.delays, !watch_.breached() && !watch_.beyond());
  if (!watch_.breached()) {
    breached_since_.reset();
    blamed_.reset();
  } else if (!breached_since_) {
    breached_since_ = now;
  }
  if (mode != Mode::auto_) {
    end("the mode is not auto", now, mode);
  } else {
    for (std::size_t i = leases_.size(); i-- > 0;) {
      if (now < leases_[i].until) continue;
      Lease const lease = leases_[i];
      leases_.erase(leases_.begin() + static_cast<std::ptrdiff_t>(i));
      give_back(lease, "the lease is over", now, mode);
    }
  }
  if (watch_.breached() && watch_.beyond()) act(now, mode, objective_ms);
}

void ReactiveMonitor::act(Time now, Mode mode, double objective_ms) {
  blamed_ = blame_.blamed(objective_ms);
  if (mode != Mode::auto_ || !blamed_ || (moved_ && now < *moved_ + options_.apart)) return;
  for (std::optional<Stage> stage = blamed_; stage; stage = StageBlame::behind(*stage)) {
    if (relieve(*stage, now, mode, objective_ms)) return;
  }
}

bool ReactiveMonitor::relieve(Stage stage, Time now, Mode mode, double objective_ms) {
  for (Remedy const &remedy : remedies_) {
    if (remedy.stage != stage) continue;
    double const value = remedy.knob->number();
    double const more = remedy.more(value);
    auto const lease = std::ranges::find(leases_, remedy.knob, &Lease::knob);
    bool const turned = lease != leases_.end() && lease->to != value;  // By somebody else, who wins.
    if (more == value || turned || !remedy.knob->set_number(more)) continue;
    Time const until = now + options_.lease;
    if (lease != leases_.end()) {
      lease->to = more;
      lease->until = until;
    } else {
      leases_.push_back({.knob = remedy.knob, .stage = stage, .from = value, .to = more, .until = until});
    }
    moved_ = now;
    ++moves_[static_cast<std::size_t>(stage)];
    std::string reason = "p99 of " + number_text(p99_ms_) + " ms is beyond " + number_text(objective_ms) + " ms, and " +
                         std::string(word(*blamed_)) + " took " + number_text(blame_.grown(*blamed_)) +
                         " ms more than usual";
    if (stage != *blamed_) reason += ", behind which is " + std::string(word(stage));
    reason += "; until " + to_rfc3339(until);
    tell({std::string(name_of(*remedy.knob)), value, more}, std::move(reason), now, mode, objective_ms);
    return true;
  }
  return false;
}

void ReactiveMonitor::give_back(Lease const &lease, std::string_view reason, Time now, Mode mode) {
  double const value = lease.knob->number();
  if (value != lease.to) {
    tell({std::string(name_of(*lease.knob)), value, value}, "the lease ends, and somebody else turned the knob", now,
         mode, 0);
    return;
  }
  // It had this value before, and so it is within its bounds.
  static_cast<void>(lease.knob->set_number(lease.from));
  tell({std::string(name_of(*lease.knob)), value, lease.from}, std::string(reason), now, mode, 0);
}

void ReactiveMonitor::end(std::string_view reason, Time now, Mode mode) {
  for (Lease const &lease : std::exchange(leases_, {})) give_back(lease, reason, now, mode);
}

void ReactiveMonitor::end(std::string_view knob, std::string_view reason, Time now, Mode mode) {
  auto const found = std::ranges::find_if(leases_, [&](Lease const &lease) { return name_of(*lease.knob) == knob; });
  if (found == leases_.end()) return;
  Lease const lease = *found;
  leases_.erase(found);
  give_back(lease, reason, now, mode);
}

/// `objective_ms` is 0 for the end of a lease.
void ReactiveMonitor::tell(Change change, std::string reason, Time now, Mode mode, double objective_ms) {
  log::warn(objective_ms > 0 ? "the latency is beyond its objective, and a knob is turned for a while"
                             : "a knob that was turned for a while is given back",
            {{"knob", change.knob}, {"from", change.from}, {"to", change.to}, {"why", reason}});
  Action action;
  action.id = Uuid::random();
  action.at = now;
  action.domain = kName;
  action.state = ActionState::set;
  action.trigger = Trigger::alarm;
  action.mode = mode;
  action.reason = std::move(reason);
  action.undo = "PUT /admin/knobs/" + change.knob + " {\"value\": " + number_text(change.from) + "}";
  action.config_hash = options_.config_hash;
  std::string evidence =
      R"({"p99_ms":)" + number_text(p99_ms_) + R"(,"objective_ms":)" + number_text(objective_ms) + R"(,"delays_ms":{)";
  for (std::size_t i = 0; i < kStages; ++i) {
    if (i > 0) evidence += ',';
    evidence += '"' + std::string(Words<Stage>::words[i]) + R"(":{"usual":)" + number_text(blame_.usual()[i]) +
                R"(,"now":)" + number_text(blame_.lately()[i]) + '}';
  }
  action.evidence = evidence + "}}";
  action.changes = {std::move(change)};
  // Whoever waits for an answer now needs the knob, not the line; what the record spools it writes later.
  static_cast<void>(record_.append(action));
}

}  // namespace tableforge::tuner
