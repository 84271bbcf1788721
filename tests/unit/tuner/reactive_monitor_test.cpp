#include "tableforge/tuner/reactive_monitor.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tableforge/knobs/knob.hpp"
#include "tableforge/tuner/memory_record.hpp"

namespace tableforge::tuner {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr double kObjectiveMs = 50;

Knob<double> number_knob(std::string_view name, double max, double initial) {
  return Knob<double>({.name = name, .unit = "x", .help = "", .min = 1, .max = max, .initial = initial});
}

/// A minute and more of calm, and then what a test makes of it.
class ReactiveTest : public testing::Test {
 protected:
  void SetUp() override { pass(70, calm()); }

  static ReactiveMonitor::Second calm() {
    return {.answers = 100, .p99_ms = 5, .waiting = 0, .delays = {1, 1, 2, 1, 0, 3}};
  }
  /// A stage takes so long, and the answers with it.
  static ReactiveMonitor::Second slow(Stage stage, double ms = 200) {
    auto second = calm();
    second.p99_ms = ms;
    second.delays[static_cast<std::size_t>(stage)] = ms;
    return second;
  }
  void pass(int seconds, ReactiveMonitor::Second const &second, Mode mode = Mode::auto_) {
    for (int i = 0; i < seconds; ++i, now_ += 1s) {
      ASSERT_TRUE(monitor_.due(now_));
      monitor_.step(now_, mode, second, kObjectiveMs);
    }
  }
  [[nodiscard]] std::string reason() const { return record_.lines().empty() ? "" : record_.lines().back().reason; }

  Time now_{1'000'000s};
  MemoryRecord record_;
  Knob<double> presence_ = number_knob("presence", 60, 60);
  Knob<double> rows_ = number_knob("rows", 4'096, 64);
  ReactiveMonitor monitor_{
      {{.stage = Stage::run_queue, .knob = &presence_, .more = [](double x) { return std::max(15.0, x / 2); }},
       {.stage = Stage::journal_commit, .knob = &rows_, .more = [](double x) { return std::min(x * 4, 4'096.0); }}},
      record_,
      {}};
};

TEST_F(ReactiveTest, TakesTwoSlowSecondsForNothing) {
  pass(2, slow(Stage::run_queue));
  pass(5, calm());
  EXPECT_FALSE(monitor_.breached());
  EXPECT_TRUE(record_.lines().empty());
  EXPECT_EQ(presence_.get(), 60);
}

TEST_F(ReactiveTest, ActsInTheThirdOfFiveSecondsOnTheStageThatHasGrown) {
  pass(1, slow(Stage::run_queue));
  pass(1, calm());
  pass(1, slow(Stage::run_queue));
  EXPECT_FALSE(monitor_.breached());
  pass(1, slow(Stage::run_queue));
  EXPECT_TRUE(monitor_.breached());
  EXPECT_EQ(monitor_.blamed(), Stage::run_queue);
  EXPECT_EQ(presence_.get(), 30);
  EXPECT_EQ(rows_.get(), 64);
  ASSERT_EQ(record_.lines().size(), 1U);
  EXPECT_EQ(record_.lines()[0].state, ActionState::set);
  EXPECT_EQ(record_.lines()[0].trigger, Trigger::alarm);
  EXPECT_EQ(record_.lines()[0].changes, (std::vector<Change>{{"presence", 60, 30}}));
  EXPECT_THAT(reason(), HasSubstr("run_queue took"));
}

TEST_F(ReactiveTest, MovesOnceInTenSecondsAndNoFurtherThanTheRemedyGoes) {
  pass(12, slow(Stage::run_queue));
  EXPECT_EQ(presence_.get(), 30);
  pass(1, slow(Stage::run_queue));
  EXPECT_EQ(presence_.get(), 15);
  pass(60, slow(Stage::run_queue));
  EXPECT_EQ(record_.lines().size(), 2U);
  EXPECT_EQ(monitor_.moves(Stage::run_queue), 2U);
}

TEST_F(ReactiveTest, BlamesTheStageBehindOneThatHasNoRemedy) {
  pass(3, slow(Stage::journal_queue));
  EXPECT_EQ(monitor_.blamed(), Stage::journal_queue);
  EXPECT_EQ(rows_.get(), 256);
  EXPECT_THAT(reason(), HasSubstr("behind which is journal_commit"));
}

TEST_F(ReactiveTest, DoesNothingAboutWhatTheStagesDoNotExplain) {
  auto odd = calm();
  odd.p99_ms = 500;
  pass(30, odd);
  EXPECT_TRUE(monitor_.breached());
  EXPECT_FALSE(monitor_.blamed());
  EXPECT_TRUE(record_.lines().empty());
}

TEST_F(ReactiveTest, TakesAStageThatIsAlwaysSlowForItsUsualSelf) {
  auto usual = slow(Stage::cache_load, 40);
  pass(600, usual);
  usual.p99_ms = 80;
  usual.delays[static_cast<std::size_t>(Stage::run_queue)] = 30;
  pass(3, usual);
  EXPECT_EQ(monitor_.blamed(), Stage::run_queue) << "30 ms have grown, and the 40 were there";
}

TEST_F(ReactiveTest, GivesThePriorValueBackWhenTheLeaseIsOver) {
  pass(3, slow(Stage::run_queue));
  pass(10, slow(Stage::run_queue));
  ASSERT_EQ(presence_.get(), 15);
  pass(599, calm());
  EXPECT_EQ(presence_.get(), 15);
  pass(1, calm());
  EXPECT_EQ(presence_.get(), 60) << "the value before the first move";
  EXPECT_TRUE(monitor_.leases().empty());
  EXPECT_EQ(record_.lines().back().changes, (std::vector<Change>{{"presence", 15, 60}}));
  EXPECT_EQ(reason(), "the lease is over");
}

TEST_F(ReactiveTest, LeavesTheBreachAfterAMinuteWellBelowTheObjective) {
  pass(5, slow(Stage::run_queue));
  auto nearly = calm();
  nearly.p99_ms = 45;
  pass(120, nearly);
  EXPECT_TRUE(monitor_.breached()) << "90 % of the objective is not well below it";
  pass(59, calm());
  EXPECT_TRUE(monitor_.breached());
  pass(1, calm());
  EXPECT_FALSE(monitor_.breached());
  EXPECT_FALSE(monitor_.blamed());
}

TEST_F(ReactiveTest, OnlyWatchesInOtherModesAndGivesBackWhatItHad) {
  pass(30, slow(Stage::run_queue), Mode::observe);
  EXPECT_TRUE(monitor_.breached());
  EXPECT_TRUE(record_.lines().empty());
  pass(1, slow(Stage::run_queue));
  ASSERT_EQ(presence_.get(), 30);
  pass(1, slow(Stage::run_queue), Mode::canary);
  EXPECT_EQ(presence_.get(), 60);
  EXPECT_EQ(reason(), "the mode is not auto");
}

TEST_F(ReactiveTest, LetsAKnobGoThatSomebodyElseTurned) {
  pass(3, slow(Stage::run_queue));
  ASSERT_TRUE(presence_.set(44));
  pass(60, slow(Stage::run_queue));
  EXPECT_EQ(presence_.get(), 44);
  pass(600, calm());
  EXPECT_EQ(presence_.get(), 44);
  EXPECT_THAT(reason(), HasSubstr("somebody else turned the knob"));
}

TEST_F(ReactiveTest, GivesBackWhenTheProcessEnds) {
  pass(3, slow(Stage::run_queue));
  monitor_.end("the process ends", now_, Mode::auto_);
  EXPECT_EQ(presence_.get(), 60);
  EXPECT_EQ(reason(), "the process ends");
}

TEST_F(ReactiveTest, TakesASecondInWhichEverybodyWaitsForABreach) {
  auto hangs = slow(Stage::journal_commit);
  hangs.answers = 0;
  hangs.p99_ms = 0;
  hangs.waiting = 10;
  pass(3, hangs);
  EXPECT_TRUE(monitor_.breached());
  EXPECT_EQ(rows_.get(), 256);
  auto idle = calm();
  idle.answers = 0;
  pass(60, idle);
  EXPECT_FALSE(monitor_.breached()) << "nobody waits";
}

}  // namespace
}  // namespace tableforge::tuner
