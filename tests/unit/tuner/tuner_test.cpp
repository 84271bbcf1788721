#include "tableforge/tuner/tuner.hpp"

#include <algorithm>
#include <ranges>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tableforge/tuner/memory_record.hpp"

#include "fake_domain.hpp"

namespace tableforge::tuner {
namespace {

using namespace std::chrono_literals;
using test::FakeDomain;
using testing::HasSubstr;

constexpr Time kStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 26)) + 12h + 1min;

CronSchedule quarterly() { return CronSchedule::parse("*/15 * * * *").value(); }

class TunerLoop : public testing::Test {
 protected:
  Tuner &tuner(Mode mode = Mode::auto_) {
    TunerOptions options;
    options.mode = mode;
    options.seed = 1;
    tuner_.emplace(std::vector<TunedDomain>{{domain, quarterly()}}, record, options);
    EXPECT_TRUE(tuner_->start(now));
    return *tuner_;
  }

  /// On a virtual clock, as the shell does it: to whenever the tuner wants to be called.
  void run_for(std::chrono::seconds time) {
    auto const end = now + time;
    while (true) {
      Time const next = tuner_->advance(now);
      ASSERT_GT(next, now);
      if (next > end) break;
      now = next;
    }
    now = end;
  }

  [[nodiscard]] std::vector<Action> lines(ActionState state) const {
    std::vector<Action> found;
    std::ranges::copy_if(record.lines(), std::back_inserter(found),
                         [&](auto const &line) { return line.state == state; });
    return found;
  }

  FakeDomain domain;
  MemoryRecord record;
  std::optional<Tuner> tuner_;
  Time now = kStart;
};

TEST_F(TunerLoop, KeepsWhatIsBetterAndComesToTheBestInSteps) {
  tuner();
  run_for(6h);
  // Up to where a step is worth less than 1 %.
  EXPECT_GE(domain.value["size"], 700);
  EXPECT_LE(domain.value["size"], 1000);
  auto const kept = lines(ActionState::kept);
  ASSERT_GE(kept.size(), 2u);
  EXPECT_EQ(kept[0].changes, (std::vector<Change>{{"size", 100, 150}}));
  EXPECT_EQ(kept[0].verdict, Verdict::keep);
  EXPECT_EQ(tuner_->knob_state("size")->kept, domain.value["size"]);
}

TEST_F(TunerLoop, LeapsWhereMuchIsCountedAndByAStepWhereItIsOnlyThought) {
  domain.gain_is_sure = true;
  tuner(Mode::observe);
  EXPECT_EQ(tuner_->run("fake", now, true)->chosen->changes, (std::vector<Change>{{"size", 100, 150}}));
  domain.counted = true;
  EXPECT_EQ(tuner_->run("fake", now, true)->chosen->changes, (std::vector<Change>{{"size", 100, 1000}}));
  domain.predicted = 0.05;
  EXPECT_EQ(tuner_->run("fake", now, true)->chosen->changes, (std::vector<Change>{{"size", 100, 150}}));
}

TEST_F(TunerLoop, KeepsAtTheEarlyLookWhereMuchIsPromised) {
  tuner();
  run_for(14min + 9min);
  ASSERT_EQ(lines(ActionState::kept).size(), 1U) << "two canaries and six blocks of a minute";
  EXPECT_EQ(lines(ActionState::kept)[0].at, kStart + 14min + 8min);
}

TEST_F(TunerLoop, TakesTheNextStepAtOnceWhereOneWasKept) {
  tuner();
  run_for(14min + 9min);
  ASSERT_EQ(lines(ActionState::kept).size(), 1U);
  domain.alarm = Alarm::ready;
  run_for(1s);
  ASSERT_EQ(lines(ActionState::trial).size(), 2U);
  EXPECT_EQ(lines(ActionState::trial)[1].trigger, Trigger::alarm);
}

TEST_F(TunerLoop, WritesItsIntentBeforeItAppliesAnything) {
  tuner();
  run_for(14min);
  ASSERT_EQ(record.lines().size(), 1u);
  Action const &intent = record.lines()[0];
  EXPECT_EQ(intent.state, ActionState::trial);
  EXPECT_EQ(intent.at, kStart + 14min);
  EXPECT_EQ(intent.domain, "fake");
  EXPECT_EQ(intent.undo, "tableforge tuner pin size=100");
  EXPECT_EQ(intent.cohort, "1/16, then 1/2, then all");
  EXPECT_THAT(intent.evidence, HasSubstr("\"weights\":{\"cpu_ms\":1"));
  EXPECT_NEAR(intent.predicted_gain, 0.181, 0.001);
  EXPECT_EQ(domain.applied, 1);
}

TEST_F(TunerLoop, BeginsNothingWhileItIsHeld) {
  tuner().hold(true);
  run_for(59min);
  EXPECT_TRUE(record.lines().empty());
  EXPECT_THAT(tuner_->report("fake")->hindrance, HasSubstr("longer than their objective"));
  tuner_->hold(false);
  run_for(15min);
  EXPECT_EQ(lines(ActionState::trial).size(), 1u);
}

TEST_F(TunerLoop, TakesBackWhatDoesNotHelp) {
  domain.best = 100;
  domain.propose_to = 110;
  tuner();
  run_for(60min);
  EXPECT_EQ(domain.value["size"], 100);
  EXPECT_EQ(domain.kept, 0);
  ASSERT_FALSE(lines(ActionState::reverted).empty());
  EXPECT_EQ(lines(ActionState::reverted)[0].verdict, Verdict::neutral);
  EXPECT_THAT(lines(ActionState::reverted)[0].evidence, HasSubstr("\"measured\":{\"log_ratio\":{\"mean\":"));
}

TEST_F(TunerLoop, StopsHarmEarlyAndRestsLongerEachTime) {
  domain.best = 100;
  domain.propose_to = 1;
  tuner();
  run_for(24h);
  auto const intents = lines(ActionState::trial);
  auto const reverted = lines(ActionState::reverted);
  EXPECT_EQ(domain.value["size"], 100);
  ASSERT_GE(reverted.size(), 6u);
  EXPECT_LT(reverted[0].at - intents[0].at, 14min);
  // It may try in the next period, then after 2, 4, 8, 16, 32.
  std::vector<long> periods;
  for (std::size_t i = 1; i < intents.size(); ++i) periods.push_back((intents[i].at - intents[i - 1].at) / 15min);
  EXPECT_EQ(periods, (std::vector<long>{1, 2, 4, 8, 16, 32}));
}

TEST_F(TunerLoop, LeavesAloneWhatPromisesTooLittle) {
  domain.predicted = 0.019;
  tuner();
  run_for(60min);
  EXPECT_TRUE(record.lines().empty());
  auto const &idle = tuner_->report("fake")->idle;
  ASSERT_EQ(idle.size(), 2u);
  EXPECT_EQ(idle[0].reason, "it has no model");
  EXPECT_THAT(idle[1].reason, HasSubstr("promises 1.9 %, less than 2.0 %"));
}

TEST_F(TunerLoop, LearnsNothingFromATrialWhoseControlShifts) {
  domain.predicted = 0.09;  // No early look.
  tuner();
  run_for(24min);
  domain.level = 2;
  run_for(4min);
  ASSERT_EQ(lines(ActionState::reverted).size(), 1u);
  EXPECT_EQ(lines(ActionState::reverted)[0].verdict, Verdict::invalid);
  EXPECT_TRUE(tuner_->knob_state("size")->memory.up.open());
  EXPECT_TRUE(tuner_->knob_state("size")->memory.decisions.empty());
}

TEST_F(TunerLoop, DefersWhereTooLittleHappens) {
  domain.level = 0.001;
  tuner();
  run_for(60min);
  ASSERT_FALSE(lines(ActionState::reverted).empty());
  EXPECT_EQ(lines(ActionState::reverted)[0].verdict, Verdict::too_few);
  EXPECT_TRUE(tuner_->knob_state("size")->memory.up.open());
}

TEST_F(TunerLoop, RunsAMissedSlotOnce) {
  domain.proposes = false;
  tuner();
  run_for(15min);
  EXPECT_EQ(domain.ranked, 1);
  now += 3h;
  tuner_->advance(now);
  EXPECT_EQ(domain.ranked, 2);
  EXPECT_EQ(tuner_->advance(now), kStart - 1min + 3h + 30min);
}

TEST_F(TunerLoop, RunsASlotThatCameDuringATrialOnceItIsOver) {
  domain.propose_to = 150;
  domain.kind = TrialKind::switchback;  // 24 minutes, without an early look.
  domain.predicted = 0.09;
  tuner();
  run_for(14min + 23min);
  EXPECT_EQ(domain.ranked, 1);
  run_for(2min);
  EXPECT_EQ(domain.ranked, 2);
}

TEST_F(TunerLoop, DoesNothingThatItsModeDoesNotAllow) {
  tuner(Mode::off);
  run_for(60min);
  EXPECT_EQ(record.observations(), 0u);
  tuner(Mode::observe);
  run_for(60min);
  EXPECT_EQ(record.observations(), 4u);
  EXPECT_EQ(domain.ranked, 0);
  tuner(Mode::dry_run);
  run_for(60min);
  EXPECT_EQ(lines(ActionState::proposed).size(), 4u);
  EXPECT_EQ(lines(ActionState::trial).size(), 0u);
  EXPECT_EQ(domain.applied, 0);
  EXPECT_EQ(domain.value["size"], 100);
}

TEST_F(TunerLoop, NeverLeavesTheCanaryInThatMode) {
  tuner(Mode::canary);
  run_for(60min);
  EXPECT_FALSE(domain.exposures.empty());
  for (auto const &exposure : domain.exposures) EXPECT_EQ(exposure.share, 1.0 / 16);
  EXPECT_EQ(domain.value["size"], 100);
  ASSERT_FALSE(lines(ActionState::reverted).empty());
  EXPECT_EQ(lines(ActionState::reverted)[0].reason, "would be kept, and the mode is canary");
}

TEST_F(TunerLoop, KeepsNothingJudgedOnACanaryAlthoughTheModeRises) {
  tuner(Mode::canary);
  run_for(20min);
  tuner_->set_mode(Mode::auto_, now);
  run_for(9min);
  EXPECT_EQ(domain.kept, 0);
  EXPECT_EQ(lines(ActionState::reverted).size(), 1u);
}

TEST_F(TunerLoop, EndsATrialThatTheModeNoLongerAllows) {
  tuner();
  run_for(20min);
  tuner_->set_mode(Mode::observe, now);
  tuner_->advance(now);
  EXPECT_EQ(domain.exposed, Exposure{});
  ASSERT_EQ(lines(ActionState::undone).size(), 1u);
  EXPECT_EQ(lines(ActionState::undone)[0].verdict, Verdict::abandoned);
}

TEST_F(TunerLoop, ShowsInADryRunWhatItWouldDoAndWhyNotTheRest) {
  tuner(Mode::observe);
  auto const report = tuner_->run("fake", now, true);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->chosen->changes, (std::vector<Change>{{"size", 100, 150}}));
  EXPECT_EQ(report->duration, 14min);
  EXPECT_FALSE(report->began);
  auto const text = to_text(*report);
  EXPECT_THAT(text, HasSubstr("would try: size 100 -> 150: 18.1 % less (95 %: 0.0 % to 33.0 %, n 1000)"));
  EXPECT_THAT(text, HasSubstr("undo: tableforge tuner pin size=100"));
  EXPECT_THAT(text, HasSubstr("guards: p99_ms +2.0 %, error_share +0.0001, rss_bytes +3.0 %"));
  EXPECT_THAT(text, HasSubstr("nothing for idle: it has no model"));
  EXPECT_TRUE(record.lines().empty());
  EXPECT_EQ(domain.applied, 0);
  EXPECT_EQ(tuner_->run("none", now, true).error().code, Errc::not_found);
}

TEST_F(TunerLoop, BeginsByHandWhatTheScheduleWouldBegin) {
  tuner();
  auto const report = tuner_->run("fake", now, false);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->began);
  EXPECT_EQ(lines(ActionState::trial)[0].trigger, Trigger::operator_);
  EXPECT_EQ(tuner_->run("fake", now, false).error().code, Errc::conflict);
}

TEST_F(TunerLoop, TakesATrialBackThatIsInterruptedAndGoesOn) {
  tuner();
  run_for(20min);
  ASSERT_NE(tuner_->trial("fake"), nullptr);
  tuner_->interrupt("the database is away", now);
  run_for(1s);
  EXPECT_EQ(tuner_->trial("fake"), nullptr);
  EXPECT_EQ(domain.exposed, Exposure{});
  ASSERT_EQ(lines(ActionState::undone).size(), 1U);
  EXPECT_EQ(lines(ActionState::undone)[0].reason, "the database is away");
  EXPECT_FALSE(lines(ActionState::undone)[0].realised_gain);

  run_for(1h);
  EXPECT_GE(lines(ActionState::kept).size(), 1U) << "the mode is as it was";
  EXPECT_GT(lines(ActionState::kept)[0].realised_gain.value(), 0.02);
}

TEST_F(TunerLoop, LearnsNothingFromATrialInWhichTheDomainSeesAnotherLoad) {
  tuner();
  run_for(20min);
  ASSERT_NE(tuner_->trial("fake"), nullptr);
  domain.alarm = Alarm::shifted;
  run_for(1min);
  EXPECT_EQ(tuner_->trial("fake"), nullptr);
  EXPECT_EQ(domain.exposed, Exposure{});
  ASSERT_EQ(lines(ActionState::reverted).size(), 1U);
  EXPECT_EQ(lines(ActionState::reverted)[0].verdict, Verdict::invalid);
  EXPECT_EQ(lines(ActionState::reverted)[0].reason, "the load became another one");
}

TEST_F(TunerLoop, TriesAgainWhatFailedUnderAnotherLoad) {
  domain.best = 100;
  domain.propose_to = 110;
  tuner();
  run_for(28min + 30s);
  ASSERT_FALSE(tuner_->knob_state("size")->memory.up.open());
  domain.alarm = Alarm::shifted;
  run_for(1s);
  EXPECT_TRUE(tuner_->knob_state("size")->memory.up.open());
}

TEST_F(TunerLoop, RunsASlotOutOfTurnWhenItsDomainIsReady) {
  tuner();
  domain.alarm = Alarm::ready;
  tuner_->advance(now + 1min);
  ASSERT_EQ(lines(ActionState::trial).size(), 1U);
  EXPECT_EQ(lines(ActionState::trial)[0].at, kStart + 1min);
  EXPECT_EQ(lines(ActionState::trial)[0].trigger, Trigger::alarm);
}

TEST_F(TunerLoop, RunsNoMoreThanOneSlotAPeriodOutOfTurn) {
  domain.proposes = false;
  tuner();
  for (int minute = 1; minute <= 13; ++minute) {
    domain.alarm = Alarm::ready;
    tuner_->advance(now + std::chrono::minutes(minute));
  }
  EXPECT_EQ(domain.ranked, 1);
}

TEST_F(TunerLoop, HearsNoAlarmInAModeThatOnlyObserves) {
  tuner(Mode::observe);
  domain.alarm = Alarm::ready;
  tuner_->advance(now + 1min);
  EXPECT_EQ(domain.ranked, 0);
}

TEST_F(TunerLoop, LetsAPinWin) {
  tuner();
  run_for(20min);
  ASSERT_TRUE(tuner_->pin("size", 70, now));
  EXPECT_EQ(domain.value["size"], 70);
  EXPECT_EQ(domain.exposed, Exposure{});
  EXPECT_EQ(lines(ActionState::undone).size(), 1u);
  run_for(2h);
  EXPECT_EQ(domain.value["size"], 70);
  EXPECT_THAT(tuner_->report("fake")->idle.back().reason, HasSubstr("pinned to 70"));
  ASSERT_TRUE(tuner_->unpin("size"));
  run_for(2h);
  EXPECT_GT(domain.value["size"], 70);
  EXPECT_EQ(tuner_->pin("size", 1e9, now).error().code, Errc::invalid);
  EXPECT_EQ(tuner_->pin("none", 1, now).error().code, Errc::not_found);
}

TEST_F(TunerLoop, GoesBackToTheBootConfigurationAtOneCommand) {
  tuner();
  run_for(45min);
  ASSERT_GT(domain.value["size"], 100);
  ASSERT_TRUE(tuner_->pin("idle", 7, now));
  ASSERT_NE(tuner_->trial("fake"), nullptr);
  ASSERT_TRUE(tuner_->reset(now));
  EXPECT_EQ(domain.value["size"], 100);
  EXPECT_EQ(domain.value["idle"], 5);
  EXPECT_EQ(tuner_->trial("fake"), nullptr);
  EXPECT_EQ(tuner_->mode(), Mode::observe);
  EXPECT_FALSE(tuner_->knob_state("size")->kept);
  EXPECT_FALSE(tuner_->knob_state("idle")->pinned);
  run_for(3h);
  EXPECT_EQ(domain.value["size"], 100);
}

TEST_F(TunerLoop, TakesUpWhatWasKeptAndPinnedAfterARestart) {
  tuner();
  run_for(90min);
  ASSERT_TRUE(tuner_->pin("idle", 7, now));
  tuner_->stop(now);
  auto const size = domain.value["size"];
  ASSERT_GT(size, 100);
  domain.value = {{"size", 100}, {"idle", 5}};
  tuner();
  EXPECT_EQ(domain.value["size"], size);
  EXPECT_EQ(domain.value["idle"], 7);
  domain.value = {{"size", 100}, {"idle", 5}};
  tuner(Mode::observe);
  EXPECT_EQ(domain.value["size"], 100) << "what the tuner found is its own to take up";
  EXPECT_EQ(domain.value["idle"], 7);
}

TEST_F(TunerLoop, RepeatsAnUndoUntilItSucceeds) {
  domain.best = 100;
  domain.propose_to = 1;
  domain.undo_fails = 5;
  tuner();
  run_for(25min);
  EXPECT_EQ(domain.undone, 1);
  EXPECT_EQ(domain.exposed, Exposure{});
  EXPECT_EQ(lines(ActionState::reverted).size(), 1u);
}

TEST_F(TunerLoop, TakesBackWhatCouldNotBeApplied) {
  domain.apply_fails = true;
  tuner();
  run_for(15min);
  EXPECT_EQ(domain.undone, 1);
  ASSERT_EQ(lines(ActionState::undone).size(), 1u);
  EXPECT_EQ(lines(ActionState::undone)[0].reason, "it cannot be applied");
}

TEST_F(TunerLoop, TakesBackWhatCouldNotBeKept) {
  domain.keep_fails = true;
  tuner();
  run_for(29min);
  EXPECT_EQ(domain.value["size"], 100);
  ASSERT_EQ(lines(ActionState::undone).size(), 1u);
  EXPECT_THAT(lines(ActionState::undone)[0].reason, HasSubstr("it cannot be kept"));
  EXPECT_TRUE(lines(ActionState::kept).empty());
}

TEST_F(TunerLoop, WaitsForWhatTakesLongToApply) {
  domain.under_way = 100;
  tuner();
  run_for(14min + 99s);
  EXPECT_TRUE(domain.exposures.empty());
  run_for(20s);
  EXPECT_FALSE(domain.exposures.empty());
}

/// A record that is away when told so.
class FailingRecord final : public Record {
 public:
  Result<void> append(Action const &action) override { return away ? gone() : inner.append(action); }
  Result<std::vector<Action>> unfinished(std::string_view domain) override { return inner.unfinished(domain); }
  Result<void> remember(KnobState const &state) override { return away ? gone() : inner.remember(state); }
  Result<std::vector<KnobState>> recall(std::string_view domain) override { return inner.recall(domain); }
  Result<void> note(std::string_view domain, Observation const &seen) override {
    return away ? gone() : inner.note(domain, seen);
  }

  MemoryRecord inner;
  bool away = false;

 private:
  static Result<void> gone() { return fail(Errc::unavailable, "the record is away"); }
};

TEST(TunerRecord, BeginsNothingWhileTheRecordIsAway) {
  FakeDomain domain;
  FailingRecord record;
  Tuner tuner({{domain, quarterly()}}, record, {.mode = Mode::auto_});
  ASSERT_TRUE(tuner.start(kStart));
  record.away = true;
  tuner.advance(kStart + 15min);
  EXPECT_EQ(domain.applied, 0);
  EXPECT_EQ(tuner.trial("fake"), nullptr);
  EXPECT_THAT(tuner.report("fake")->hindrance, HasSubstr("the record is away"));
  record.away = false;
  tuner.advance(kStart + 30min);
  EXPECT_EQ(domain.applied, 1);
}

TEST(TunerRecord, KeepsNothingThatCannotBeRecorded) {
  FakeDomain domain;
  FailingRecord record;
  Tuner tuner({{domain, quarterly()}}, record, {.mode = Mode::auto_});
  ASSERT_TRUE(tuner.start(kStart));
  Time now = kStart;
  for (; domain.kept == 0; now = tuner.advance(now)) record.away = domain.applied > 10;
  EXPECT_EQ(domain.value["size"], 100);
  EXPECT_EQ(domain.exposed, Exposure{});
  record.away = false;
  tuner.advance(now);
  EXPECT_EQ(record.inner.lines().back().state, ActionState::undone);
  EXPECT_FALSE(tuner.knob_state("size")->kept && *tuner.knob_state("size")->kept != 100);
}

TEST(TunerBudget, TriesOneThingOfAGroupAtATime) {
  FakeDomain cache("cache");
  FakeDomain database("database");
  FakeDomain memory("memory", CouplingGroup::memory);
  MemoryRecord record;
  Tuner tuner({{cache, quarterly()}, {database, quarterly()}, {memory, quarterly()}}, record, {.mode = Mode::auto_});
  ASSERT_TRUE(tuner.start(kStart));
  tuner.advance(kStart + 15min);
  EXPECT_NE(tuner.trial("cache"), nullptr);
  EXPECT_EQ(tuner.trial("database"), nullptr);
  EXPECT_NE(tuner.trial("memory"), nullptr);
  EXPECT_THAT(tuner.report("database")->hindrance, HasSubstr("the domain cache is trying something"));
  EXPECT_TRUE(tuner.waits("database"));
  EXPECT_FALSE(tuner.waits("memory"));
}

TEST(TunerBudget, LetsADomainOfLongPeriodsHaveItsTurn) {
  FakeDomain cache("cache");
  FakeDomain database("database");
  cache.best = 1e6;  // It always finds something.
  MemoryRecord record;
  Tuner tuner({{cache, quarterly()}, {database, CronSchedule::parse("0 * * * *").value()}}, record,
              {.mode = Mode::auto_, .seed = 1});
  ASSERT_TRUE(tuner.start(kStart));
  for (Time now = kStart; now < kStart + 5h;) {
    EXPECT_TRUE(tuner.trial("cache") == nullptr || tuner.trial("database") == nullptr);
    Time const next = tuner.advance(now);
    ASSERT_GT(next, now);
    now = next;
  }
  auto const trials_of = [&](std::string_view domain) {
    return std::ranges::count_if(
        record.lines(), [&](Action const &line) { return line.domain == domain && line.state == ActionState::trial; });
  };
  EXPECT_GE(trials_of("database"), 4);
  EXPECT_GE(trials_of("cache"), 10);
}

TEST(TunerBudget, GivesAPlaceInLineUpThatIsOfNoUseAnyMore) {
  FakeDomain cache("cache");
  FakeDomain database("database");
  MemoryRecord record;
  Tuner tuner({{cache, quarterly()}, {database, quarterly()}}, record, {.mode = Mode::auto_, .seed = 1});
  ASSERT_TRUE(tuner.start(kStart));
  Time now = tuner.advance(kStart + 15min);
  ASSERT_TRUE(tuner.waits("database"));
  database.proposes = false;
  for (; now < kStart + 32min; now = tuner.advance(now)) {
  }
  EXPECT_FALSE(tuner.waits("database"));
  EXPECT_EQ(database.applied, 0);
  EXPECT_NE(tuner.trial("cache"), nullptr);
}

/// A domain one of whose knobs is not always there.
class ComingAndGoing final : public FakeDomain {
 public:
  std::vector<KnobValue> knobs() const override {
    auto knobs = FakeDomain::knobs();
    if (there) knobs.push_back({"index", value.contains("index") ? value.at("index") : 0, 0, 0, 1});
    return knobs;
  }
  Ranking rank(Time now, Weights const &weights, StepLimits const &limits) override {
    auto ranking = FakeDomain::rank(now, weights, limits);
    ranking.candidates.front().changes = {{"index", 0, 1}};
    return ranking;
  }
  bool there = false;
};

TEST(TunerKnobs, MayComeAndGo) {
  ComingAndGoing domain;
  MemoryRecord record;
  {
    Tuner tuner({{domain, quarterly()}}, record, {.mode = Mode::auto_, .seed = 1});
    ASSERT_TRUE(tuner.start(kStart));
    tuner.advance(kStart + 15min);
    EXPECT_EQ(tuner.trial("fake"), nullptr);
    EXPECT_EQ(tuner.pin("index", 0, kStart + 15min).error().code, Errc::not_found);
    domain.there = true;
    tuner.advance(kStart + 30min);
    EXPECT_NE(tuner.trial("fake"), nullptr);
    ASSERT_TRUE(tuner.pin("index", 0, kStart + 31min));
  }
  // What was said of it counts although it is not there when the next process starts.
  domain.there = false;
  Tuner tuner({{domain, quarterly()}}, record, {.mode = Mode::auto_, .seed = 1});
  ASSERT_TRUE(tuner.start(kStart + 1h));
  domain.there = true;
  tuner.advance(kStart + 75min);
  EXPECT_EQ(tuner.trial("fake"), nullptr);
  EXPECT_EQ(tuner.knob_state("index")->pinned, 0);
}

}  // namespace
}  // namespace tableforge::tuner
