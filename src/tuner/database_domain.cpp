#include "tableforge/tuner/database_domain.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "tuner/words.hpp"

namespace tableforge::tuner {

namespace {

constexpr std::size_t kStatementsAsked = 16;
constexpr std::size_t kIndexesPriced = 32;
/// Below this share of the old cost a statement counts as helped: the rest is the planner's rounding.
constexpr double kHelped = 0.9;
/// Where reasons go that are not one index's.
constexpr std::string_view kAllIndexes = "index";

double time_of(StatementTotal const &statement) { return statement.time_ms.count() * statement.time_ms.mean(); }

Cost cost_of(DatabaseWindow const &window) {
  Cost cost;
  for (auto const &[id, each] : window.statements) {
    cost.requests += each.time_ms.count();
    cost.db_ms += time_of(each);
  }
  return cost;
}

bool is_undone(Change const &change) { return change.to < change.from; }

}  // namespace

DatabaseDomain::DatabaseDomain(Database &database, VitalSigns &vitals, Options options)
    : database_(database), vitals_(vitals), options_(options) {}

std::vector<KnobValue> DatabaseDomain::knobs() const {
  std::vector<KnobValue> knobs;
  for (auto const &[name, knob] : knobs_) knobs.push_back(knob);
  return knobs;
}

Alarm DatabaseDomain::look(Time now) {
  if (now < next_look_) return Alarm::none;
  next_look_ = now + options_.window;
  auto const done = take_window(now);
  if (done) {
    trouble_.clear();
  } else {
    trouble_ = done.error().text;
    // A gap is no window.
    latest_.reset();
    windows_.clear();
  }
  return Alarm::none;
}

Result<void> DatabaseDomain::take_window(Time now) {
  auto const leads = database_.lead();
  if (!leads) return std::unexpected(leads.error());
  if (!*leads) {
    leads_ = settled_ = false;
    return fail(Errc::conflict, "another instance tunes the database");
  }
  leads_ = true;
  if (auto done = settle_indexes(); !done) return done;
  auto totals = database_.totals();
  if (!totals) return std::unexpected(totals.error());
  if (latest_) {
    windows_.push_back(window_between(*latest_, *totals, latest_at_, now));
    total_ += cost_of(windows_.back());
    if (windows_.size() > options_.windows) windows_.pop_front();
  }
  latest_ = std::move(*totals);
  latest_at_ = now;
  return {};
}

/// What builds that died have left, and what an instance that led before was trying when it ended.
Result<void> DatabaseDomain::settle_indexes() {
  if (!tried_) {
    auto const dropped = database_.drop_leftovers();
    if (!dropped) return std::unexpected(dropped.error());
  }
  auto indexes = database_.auto_indexes();
  if (!indexes) return std::unexpected(indexes.error());
  if (!settled_ && !tried_) {
    for (AutoIndex const &index : *indexes) {
      if (index.kept) continue;
      if (auto done = database_.drop(index.name); !done) return done;
    }
    std::erase_if(*indexes, [](AutoIndex const &index) { return !index.kept; });
  }
  bool const first = !settled_;
  settled_ = true;
  indexes_ = std::move(*indexes);
  for (auto &[name, knob] : knobs_) knob.value = 0;
  for (AutoIndex const &index : indexes_) {
    if (!index.valid) continue;
    auto const [found, fresh] = knobs_.try_emplace(index.spec.knob(), index.spec.knob(), 1, first ? 1 : 0, 0, 1);
    found->second.value = 1;
  }
  return {};
}

DatabaseWindow DatabaseDomain::recent() const {
  DatabaseWindow sum;
  for (auto const &window : windows_) sum.merge(window);
  return sum;
}

bool DatabaseDomain::often(std::int64_t id) const {
  auto const enough = std::ranges::count_if(windows_, [&](DatabaseWindow const &window) {
    auto const found = window.statements.find(id);
    return found != window.statements.end() && found->second.time_ms.count() >= options_.calls_min;
  });
  return static_cast<std::size_t>(enough) >= options_.windows_min;
}

Result<std::vector<DatabaseDomain::Known>> DatabaseDomain::explain_often(DatabaseWindow const &window) {
  std::vector<Known> known;
  for (SampledStatement &statement : database_.sampled()) {
    auto plan = database_.explain(statement, nullptr);
    // One that cannot be explained, since a value has become senseless, is not the end of all others.
    if (!plan && plan.error().code != Errc::unavailable && plan.error().code != Errc::timeout) continue;
    if (!plan) return std::unexpected(plan.error());
    if (window.statements.contains(plan->id) && often(plan->id)) {
      known.push_back({std::move(statement), std::move(*plan)});
    }
  }
  std::ranges::sort(known, std::greater{},
                    [&](Known const &each) { return time_of(window.statements.at(each.plan.id)); });
  if (known.size() > kStatementsAsked) known.resize(kStatementsAsked);
  return known;
}

Result<DatabaseDomain::Proposal> DatabaseDomain::price(IndexSpec const &spec, std::vector<Known> const &known,
                                                       DatabaseWindow const &window) {
  Proposal proposal{.spec = spec,
                    .saved_ms = 0,
                    .writes = price_writes(spec, window, options_.entry_ms),
                    .bytes = 0,
                    .helped = {},
                    .now = {},
                    .predicted = {},
                    .best = {}};
  double promised = 0;
  for (Known const &each : known) {
    if (std::ranges::find(each.plan.scans, spec.table, &Scan::table) == each.plan.scans.end()) continue;
    auto const plan = database_.explain(each.statement, &spec);
    if (!plan) return std::unexpected(plan.error());
    proposal.bytes = plan->index_bytes;
    if (each.plan.cost <= 0 || plan->cost >= kHelped * each.plan.cost) continue;
    auto const &statement = window.statements.at(each.plan.id);
    proposal.helped.insert(each.plan.id);
    proposal.now += {.requests = statement.time_ms.count(), .db_ms = time_of(statement)};
    promised += time_of(statement) * (1 - plan->cost / each.plan.cost);
  }
  double const writes_ms = proposal.writes.ms * window.seconds();
  proposal.saved_ms = promised * options_.realised / window.seconds();
  proposal.predicted = proposal.best = proposal.now;
  proposal.predicted.db_ms += writes_ms - promised * options_.realised;
  proposal.best.db_ms = std::max(proposal.now.db_ms * 1e-6, proposal.now.db_ms + writes_ms - promised);
  return proposal;
}

std::string DatabaseDomain::objection(Proposal const &proposal, DatabaseWindow const &window,
                                      BuildPremises const &premises) const {
  auto const per_second = [](double ms) { return number_text(ms) + " ms/s"; };
  if (proposal.helped.empty()) return "no statement would be cheaper";
  double const saved_share = proposal.saved_ms * window.seconds() / window.total_ms();
  std::string const saving = "it would save " + per_second(proposal.saved_ms);
  if (saved_share < options_.share_min) return saving + ", less than a hundredth of the database's time";
  if (proposal.writes.hot_share > options_.hot_share_lost_max) {
    return saving + ", and take away " + number_text(proposal.writes.hot_lost) + " HOT updates/s, " +
           percent_text(proposal.writes.hot_share) + " of the table's updates";
  }
  if (proposal.saved_ms < options_.benefit_ratio_min * proposal.writes.ms) {
    return saving + ", and cost those who write " + per_second(proposal.writes.ms);
  }
  double bytes = proposal.bytes;
  for (AutoIndex const &index : indexes_) bytes += index.bytes;
  if (bytes > options_.disk_share_max * premises.database_bytes) {
    return "with it the tuner's indexes would take " + number_text(bytes) + " bytes, more than their share of the disk";
  }
  if (indexes_.size() >= options_.indexes_max) return "there are as many indexes of the tuner's as there may be";
  if (premises.builds_today >= options_.builds_a_day) return "as many were built today as may be in a day";
  return {};
}

Candidate DatabaseDomain::candidate_of(Proposal const &proposal) const {
  auto const log_ratio = [&](Cost const &cost) { return std::log(cost.db_ms / proposal.now.db_ms); };
  return {.changes = {{proposal.spec.knob(), 0, 1}},
          .kind = TrialKind::before_after,
          .settling = options_.settling,
          .log_ratio = {.mean = log_ratio(proposal.predicted),
                        .low = log_ratio(proposal.best),
                        .high = 0,
                        .n = static_cast<std::size_t>(proposal.now.requests)},
          .now = proposal.now,
          .predicted = proposal.predicted,
          .remedies_lateness = true};
}

Ranking DatabaseDomain::rank(Time now, Weights const &, StepLimits const &) {
  Ranking ranking;
  proposals_.clear();
  auto const idle = [&](std::string_view knob, std::string reason) {
    ranking.idle.push_back({std::string(knob), std::move(reason)});
  };
  for (auto const &[name, knob] : knobs_) {
    if (knob.value > 0) idle(name, "it is there and in use; it stays");
  }
  auto const nothing = [&](std::string reason) {
    idle(kAllIndexes, std::move(reason));
    return ranking;
  };
  if (!trouble_.empty()) return nothing(trouble_);
  auto const able = database_.abilities();
  if (!able) return nothing(std::string(able.error().text));
  if (!able->no_statements.empty()) return nothing(able->no_statements);
  if (!able->no_pricing.empty()) return nothing(able->no_pricing);
  if (windows_.size() < options_.windows)
    return nothing("too little was seen yet: " + number_text(static_cast<double>(windows_.size())) + " windows");
  auto const window = recent();
  auto const known = explain_often(window);
  if (!known) return nothing(std::string(known.error().text));
  if (known->empty()) return nothing("no reading statement of ours is asked often enough");
  auto const premises = database_.premises();
  auto const quarantined = database_.quarantined();
  if (!premises || !quarantined) return nothing("the database does not answer");

  std::vector<Scan> scans;
  for (Known const &each : *known) scans.insert(scans.end(), each.plan.scans.begin(), each.plan.scans.end());
  auto specs = propose_indexes(scans);
  std::erase_if(specs, [&](IndexSpec const &spec) {
    auto const found = knobs_.find(spec.knob());
    return found != knobs_.end() && found->second.value > 0;
  });
  if (specs.size() > kIndexesPriced) specs.resize(kIndexesPriced);
  std::erase_if(knobs_, [](auto const &each) { return each.second.value <= 0; });
  std::vector<Proposal> accepted;
  for (IndexSpec const &spec : specs) {
    auto const knob = spec.knob();
    knobs_.try_emplace(knob, knob, 0, 0, 0, 1);
    auto proposal = price(spec, *known, window);
    if (!proposal) {
      idle(knob, std::string(proposal.error().text));
      continue;
    }
    auto why = objection(*proposal, window, *premises);
    auto const jailed = std::ranges::find(*quarantined, knob, &Quarantine::knob);
    if (why.empty() && jailed != quarantined->end() && now < jailed->until) {
      why =
          "it was tried and taken back (" + jailed->reason + "), and is left alone until " + to_rfc3339(jailed->until);
    }
    if (why.empty()) {
      accepted.push_back(std::move(*proposal));
    } else {
      idle(knob, std::move(why));
    }
  }
  // Of those that save about the same, to 5 %, the smaller one: it is often the prefix of the others.
  auto const order = [](Proposal const &proposal) {
    double const net = std::max(1e-9, proposal.saved_ms - proposal.writes.ms);
    return std::tuple(-std::llround(std::log(net) / 0.05), proposal.bytes, proposal.spec.knob());
  };
  std::ranges::sort(accepted, {}, order);
  for (Proposal &proposal : accepted) {
    ranking.candidates.push_back(candidate_of(proposal));
    proposals_.emplace(proposal.spec.knob(), std::move(proposal));
  }
  if (ranking.candidates.empty()) idle(kAllIndexes, "none that was thought of is worth its price");
  return ranking;
}

Result<Applied> DatabaseDomain::apply(std::vector<Change> const &changes, Exposure const &exposure) {
  Change const &change = changes.front();
  auto const spec = IndexSpec::parse(change.knob);
  if (!spec || is_undone(change)) return fail(Errc::invalid, "it is no index that can be tried");
  auto const leads = database_.lead();
  if (!leads) return std::unexpected(leads.error());
  if (!*leads) return fail(Errc::conflict, "another instance tunes the database");
  if (!tried_ || tried_->spec != *spec) {
    auto const found = proposals_.find(change.knob);
    if (found == proposals_.end()) return fail(Errc::not_found, "there is no such proposal");
    tried_ = found->second;
    control_.clear();
    for (auto const &[id, statement] : recent().statements) {
      if (!names_table(statement.text, spec->table) && often(id)) control_[id] = statement.time_ms.count();
    }
    before_ = after_ = {};
    waits_since_.reset();
    began_build_ = false;
  }
  treated_ = exposure.share > 0;
  if (!treated_) return Applied::done;
  return build(*spec);
}

Result<Applied> DatabaseDomain::build(IndexSpec const &spec) {
  using What = BuildState::What;
  if (!began_build_) {
    auto const premises = database_.premises();
    if (!premises) return std::unexpected(premises.error());
    if (premises->oldest_transaction_s > options_.transaction_age_max_s) {
      if (!waits_since_) waits_since_ = latest_at_;
      if (latest_at_ - *waits_since_ > options_.patience) {
        return fail(Errc::timeout, "an old transaction did not end, for which the build would have to wait");
      }
      return Applied::under_way;
    }
    if (auto begun = database_.begin_build(spec); !begun) return std::unexpected(begun.error());
    began_build_ = true;
    return Applied::under_way;
  }
  auto const state = database_.build_state();
  if (!state) return std::unexpected(state.error());
  switch (state->what) {
    case What::built: return Applied::done;
    case What::under_way:
      if (state->bytes > std::max(options_.size_floor, options_.size_overrun_max * tried_->bytes)) {
        database_.cancel_build();
        return fail(Errc::overloaded, "the index became twice as large as was estimated, and its build was stopped");
      }
      return Applied::under_way;
    case What::none:
    case What::failed: break;
  }
  return fail(Errc::unavailable, "the index could not be built");
}

void DatabaseDomain::begin_reading(Time now) {
  vitals_.begin(now);
  begun_.reset();
  if (auto totals = database_.totals()) begun_ = std::move(*totals);
  begun_at_ = now;
}

Reading DatabaseDomain::end_reading(Time now) {
  auto const vitals = vitals_.end(now);
  auto const totals = database_.totals();
  // A side of no requests: the block says nothing.
  if (!totals || !begun_ || !tried_) return {};
  auto const window = window_between(*begun_, *totals, begun_at_, now);
  (treated_ ? after_ : before_).merge(window);
  Reading reading = read(window, vitals);
  if (treated_) reading.harm = harm();
  return reading;
}

Reading DatabaseDomain::read(DatabaseWindow const &window, Vitals const &vitals) const {
  SideReading side;
  double blocks = 0;
  for (std::int64_t const id : tried_->helped) {
    auto const found = window.statements.find(id);
    if (found == window.statements.end()) continue;
    side.cost += {.requests = found->second.time_ms.count(), .db_ms = time_of(found->second)};
    blocks += found->second.blocks;
  }
  side.guards = {vitals.error_share, side.cost.requests > 0 ? blocks / side.cost.requests : 0};
  // In a mixture that stays the same, whatever was asked more often in this block.
  Cost untouched;
  for (auto const &[id, weight] : control_) {
    auto const found = window.statements.find(id);
    if (found == window.statements.end()) continue;
    untouched += {.requests = weight, .db_ms = weight * found->second.time_ms.mean()};
  }
  Reading reading;
  (treated_ ? reading.treated : reading.control) = std::move(side);
  if (untouched.requests > 0) reading.untouched = untouched;
  return reading;
}

/// How much slower everything else has become, by the geometric mean; at least 1, so that luck blames nobody.
double DatabaseDomain::drift() const {
  double sum = 0;
  double weights = 0;
  for (auto const &[id, weight] : control_) {
    auto const old = before_.statements.find(id);
    auto const fresh = after_.statements.find(id);
    if (old == before_.statements.end() || fresh == after_.statements.end()) continue;
    if (old->second.time_ms.mean() <= 0 || fresh->second.time_ms.mean() <= 0) continue;
    sum += weight * std::log(fresh->second.time_ms.mean() / old->second.time_ms.mean());
    weights += weight;
  }
  return weights > 0 ? std::max(1.0, std::exp(sum / weights)) : 1;
}

std::string_view DatabaseDomain::harm() const {
  std::string const &table = tried_->spec.table;
  auto const old_table = before_.tables.find(table);
  auto const new_table = after_.tables.find(table);
  if (old_table != before_.tables.end() && new_table != after_.tables.end() &&
      old_table->second.updated >= options_.updates_min && new_table->second.updated >= options_.updates_min) {
    double const had = old_table->second.updated_hot / old_table->second.updated;
    double const has = new_table->second.updated_hot / new_table->second.updated;
    if (had - has > options_.hot_share_lost_max) return "HOT updates of the table are lost";
  }
  double const allowed = drift();
  double const total_ms = after_.total_ms();
  for (auto const &[id, fresh] : after_.statements) {
    auto const old = before_.statements.find(id);
    if (old == before_.statements.end() || !names_table(fresh.text, table)) continue;
    auto const &had = old->second.time_ms;
    auto const &has = fresh.time_ms;
    if (had.count() < options_.executions_min || has.count() < options_.executions_min) continue;
    if (compare_welch(had, has).t <= options_.significant_t) continue;
    double const ratio = has.mean() / (had.mean() * allowed);
    if (writes_table(fresh.text, table) && ratio > 1 + options_.writes_slower_max)
      return "writes to the table became dearer";
    if (time_of(fresh) >= options_.share_min * total_ms && ratio > 1 + options_.slower_max) {
      return "a statement of the table became slower";
    }
  }
  return {};
}

Result<void> DatabaseDomain::keep(std::vector<Change> const &changes) {
  for (Change const &change : changes) {
    auto const spec = IndexSpec::parse(change.knob);
    if (!spec) return fail(Errc::not_found, "there is no such index");
    if (change.to < 1) {
      if (auto dropped = database_.drop(spec->name()); !dropped) return dropped;
    } else {
      auto const indexes = database_.auto_indexes();
      if (!indexes) return std::unexpected(indexes.error());
      auto const found = std::ranges::find(*indexes, spec->name(), &AutoIndex::name);
      if (found == indexes->end() || !found->valid) {
        return fail(Errc::conflict, "the index is not there; only a trial builds one");
      }
    }
    if (auto const known = knobs_.find(change.knob); known != knobs_.end()) known->second.value = change.to;
  }
  return {};
}

Result<void> DatabaseDomain::undo(std::vector<Change> const &changes) {
  for (Change const &change : changes) {
    auto const spec = IndexSpec::parse(change.knob);
    if (!spec || is_undone(change)) continue;
    auto const leads = database_.lead();
    if (!leads) return std::unexpected(leads.error());
    // Who leads instead has taken it away as what the one before had left.
    if (!*leads) continue;
    if (auto dropped = database_.drop(spec->name()); !dropped) return dropped;
    if (auto const known = knobs_.find(change.knob); known != knobs_.end()) known->second.value = 0;
  }
  tried_.reset();
  return {};
}

void DatabaseDomain::learn(std::vector<Change> const &changes, Verdict verdict, Time now) {
  tried_.reset();
  if (verdict != Verdict::neutral && verdict != Verdict::harmful && verdict != Verdict::guarded) return;
  auto const known = database_.quarantined();
  for (Change const &change : changes) {
    int days = 7;
    if (known) {
      auto const found = std::ranges::find(*known, change.knob, &Quarantine::knob);
      constexpr int kDaysMax = 448;  // After six times it is not the load that was odd.
      if (found != known->end()) days = std::min(found->days * 2, kDaysMax);
    }
    // Lost if the database is away: then it is tried somewhat earlier than it should be, and judged as well as before.
    (void)database_.quarantine({change.knob, now + std::chrono::days(days), days, std::string(word(verdict))});
  }
}

}  // namespace tableforge::tuner
