#include "tableforge/tuner/tuner.hpp"

#include <algorithm>
#include <utility>

#include "tuner/domain_loop.hpp"

namespace tableforge::tuner {

namespace {

constexpr char kNoKnob[] = "the tuner has no such knob; its status names those it has";

}  // namespace

Tuner::Tuner(std::vector<TunedDomain> domains, Record &record, TunerOptions options) : options_(options) {
  for (TunedDomain &domain : domains) {
    loops_.push_back(std::make_unique<DomainLoop>(std::move(domain), record, budget_, options_));
  }
}

Tuner::~Tuner() = default;

Result<void> Tuner::start(Time now) {
  for (auto const &loop : loops_) {
    if (auto started = loop->start(now); !started) return started;
  }
  started_ = true;
  return {};
}

Time Tuner::advance(Time now) {
  if (!started_) return now + options_.retry;
  Time next{};
  do {
    next = Time::max();
    for (auto const &loop : loops_) next = std::min(next, loop->advance(now));
    // What one has ended, another one before it may have waited for.
  } while (std::ranges::any_of(loops_, [](auto const &loop) { return loop->ready(); }));
  return next;
}

void Tuner::interrupt(std::string_view reason, Time now) {
  for (auto const &loop : loops_) loop->abandon(reason, now);
}

void Tuner::stop(Time now) {
  for (auto const &loop : loops_) {
    loop->abandon("the process ended", now);
    loop->end(now);
  }
}

Result<Report> Tuner::run(std::string_view domain, Time now, bool dry_run) {
  DomainLoop *const loop = find(domain);
  if (loop == nullptr) return fail(Errc::not_found, "the tuner has no such domain; its status names those it has");
  if (loop->busy()) return fail(Errc::conflict, "the domain is trying something already");
  return loop->slot(now, Trigger::operator_, dry_run);
}

Result<void> Tuner::pin(std::string_view knob, double value, Time now) {
  DomainLoop *const loop = find_knob(knob);
  if (loop == nullptr) return fail(Errc::not_found, kNoKnob);
  return loop->pin(knob, value, now);
}

Result<void> Tuner::unpin(std::string_view knob) {
  DomainLoop *const loop = find_knob(knob);
  if (loop == nullptr) return fail(Errc::not_found, kNoKnob);
  return loop->unpin(knob);
}

void Tuner::set_mode(Mode mode, Time now) {
  // A trial that was begun to be kept goes on under no other rules.
  if (mode != options_.mode && mode != Mode::auto_) {
    for (auto const &loop : loops_) loop->abandon("the mode was changed", now);
  }
  options_.mode = mode;
}

Result<void> Tuner::reset(Time now) {
  set_mode(Mode::observe, now);
  // All of them, although one fails: what can be as it was, is.
  Result<void> result;
  for (auto const &loop : loops_) {
    if (auto reset = loop->reset(now); !reset) result = reset;
  }
  return result;
}

Candidate const *Tuner::trial(std::string_view domain) const {
  DomainLoop const *const loop = find(domain);
  return loop != nullptr ? loop->trial() : nullptr;
}

bool Tuner::waits(std::string_view domain) const {
  DomainLoop const *const loop = find(domain);
  return loop != nullptr && loop->waits();
}

Report const *Tuner::report(std::string_view domain) const {
  DomainLoop const *const loop = find(domain);
  return loop != nullptr ? loop->report() : nullptr;
}

KnobState const *Tuner::knob_state(std::string_view knob) const {
  DomainLoop const *const loop = find_knob(knob);
  return loop != nullptr ? &loop->state(knob) : nullptr;
}

DomainLoop *Tuner::find(std::string_view domain) const {
  auto const found = std::ranges::find_if(loops_, [&](auto const &loop) { return loop->domain().name() == domain; });
  return found == loops_.end() ? nullptr : found->get();
}

DomainLoop *Tuner::find_knob(std::string_view knob) const {
  auto const found = std::ranges::find_if(loops_, [&](auto const &loop) { return loop->has(knob); });
  return found == loops_.end() ? nullptr : found->get();
}

}  // namespace tableforge::tuner
