#include "tableforge/tuner/websocket_domain.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tableforge/knobs/gathering_window.hpp"
#include "tableforge/metrics/histogram.hpp"
#include "tableforge/tuner/memory_record.hpp"
#include "tableforge/tuner/tuner.hpp"
#include "tableforge/tuner/window_governor.hpp"

namespace tableforge::tuner {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// A server of busy tables: a delivered message costs 2 µs and its share of a write 5 µs.
class ModelFanout final : public Fanout {
 public:
  explicit ModelFanout(Knobs const &knobs) : knobs_(knobs) {}

  [[nodiscard]] FanoutCounts counts() const override {
    return {.delivered = delivered_,
            .cpu_ms = cpu_ms_,
            .rates = rates_.snapshot(),
            .waits = waits_.snapshot(),
            .answers = answers_.snapshot(),
            .turns = turns_.snapshot()};
  }
  void second() {
    auto const window = gathering_window(rate, gathering_rule(knobs_));
    double const writes = 1 / (1 + rate * std::chrono::duration<double>(window).count());
    for (int table = 0; table < tables; ++table) {
      rates_.record(static_cast<std::uint64_t>(rate));
      waits_.record(window + extra_wait);
    }
    double const sent = tables * rate * 5;
    delivered_ += sent;
    cpu_ms_ += sent * (0.002 + 0.005 * writes);
    for (int i = 0; i < 100; ++i) answers_.record(answer);
    for (int i = 0; i < 100; ++i) turns_.record(turn);
  }

  double rate = 400;
  int tables = 20;
  std::chrono::microseconds answer{2'000};
  std::chrono::microseconds turn{500};
  std::chrono::microseconds extra_wait{0};

 private:
  Knobs const &knobs_;
  double delivered_ = 0;
  double cpu_ms_ = 0;
  metrics::SizeHistogram rates_;
  metrics::LatencyHistogram waits_;
  metrics::LatencyHistogram answers_;
  metrics::LatencyHistogram turns_;
};

class SteadyVitals final : public VitalSigns {
 public:
  void begin(Time) override {}
  [[nodiscard]] Vitals end(Time) override { return {.p99_ms = 2, .error_share = 0, .rss_bytes = 1e8}; }
};

class WebsocketTest : public testing::Test {
 protected:
  void SetUp() override { begin(); }
  void begin(Mode mode = Mode::auto_) {
    domain_ = std::make_unique<WebsocketDomain>(fanout_, vitals_, knobs_, WebsocketDomain::Options{});
    tuner_ = std::make_unique<Tuner>(std::vector{TunedDomain{*domain_, std::nullopt}}, record_,
                                     TunerOptions{.mode = mode, .seed = 7});
    ASSERT_TRUE(tuner_->start(now_));
  }
  void pass(std::chrono::seconds time) {
    for (auto const end = now_ + time; now_ < end; now_ += 1s) {
      fanout_.second();
      tuner_->advance(now_);
    }
  }
  Report run(bool dry_run) {
    auto report = tuner_->run("websocket", now_, dry_run);
    EXPECT_TRUE(report.has_value());
    return *report;
  }
  static std::string why_nothing(Report const &report, std::string_view knob) {
    for (auto const &idle : report.idle) {
      if (idle.knob == knob) return idle.reason;
    }
    return {};
  }

  Time now_{1'000'000s};
  Knobs knobs_;
  ModelFanout fanout_{knobs_};
  SteadyVitals vitals_;
  MemoryRecord record_;
  std::unique_ptr<WebsocketDomain> domain_;
  std::unique_ptr<Tuner> tuner_;
};

TEST_F(WebsocketTest, SaysOfABootThatIsAsGoodAsCanBeWhyNothing) {
  pass(60s);
  auto const report = run(true);
  EXPECT_FALSE(report.chosen);
  EXPECT_THAT(why_nothing(report, "presence_batch_messages"), HasSubstr("no other value would save a write"));
  EXPECT_THAT(why_nothing(report, "presence_budget_share"), HasSubstr("in windows of 20 ms at most"));
}

TEST_F(WebsocketTest, SaysThatTooLittleWasShown) {
  fanout_.tables = 1;
  pass(60s);
  EXPECT_THAT(why_nothing(run(true), "presence_batch_messages"), HasSubstr("too little presence was shown lately"));
}

TEST_F(WebsocketTest, KeepsALargerBatchThatSavesWrites) {
  ASSERT_TRUE(knobs_.presence_batch.set(2));
  begin();
  pass(60s);
  auto const report = run(false);
  ASSERT_TRUE(report.began) << report.hindrance;
  EXPECT_EQ(report.chosen->changes.front().knob, "presence_batch_messages");
  EXPECT_EQ(report.chosen->changes.front().to, 3);
  EXPECT_EQ(report.chosen->kind, TrialKind::switchback);
  pass(60min);
  ASSERT_EQ(record_.lines().size(), 2U);
  EXPECT_EQ(record_.lines().back().state, ActionState::kept) << record_.lines().back().reason;
  EXPECT_NEAR(*record_.lines().back().realised_gain, 1 - (2 + 5.0 / 3) / (2 + 5.0 / 2), 0.01)
      << "a write carries three instead of two";
  EXPECT_EQ(knobs_.presence_batch.get(), 3);
}

TEST_F(WebsocketTest, PricesWhatPresenceTakesBeyondTheObjective) {
  ASSERT_TRUE(knobs_.latency_objective.set(5ms));
  begin();
  auto const before = domain_->total();
  pass(1s);
  auto cost = domain_->total();
  cost -= before;
  // 20 tables, 15 ms beyond each.
  EXPECT_NEAR(cost.slo_excess_ms, 300, 60);
  EXPECT_NEAR(cost.requests, 20 * 400 * 5, 1);
}

TEST_F(WebsocketTest, LeavesAKnobThatSomebodyTurnsInTheMiddleOfATrial) {
  ASSERT_TRUE(knobs_.presence_batch.set(2));
  begin();
  pass(60s);
  ASSERT_TRUE(run(false).began);
  ASSERT_TRUE(knobs_.presence_batch.set(9));
  pass(10min);
  EXPECT_EQ(knobs_.presence_batch.get(), 9);
  EXPECT_EQ(tuner_->trial("websocket"), nullptr);
  EXPECT_THAT(record_.lines().back().reason, HasSubstr("turned by hand"));
}

TEST_F(WebsocketTest, TakesATrialBackWhenTheProcessEnds) {
  ASSERT_TRUE(knobs_.presence_batch.set(2));
  begin();
  pass(60s);
  ASSERT_TRUE(run(false).began);
  pass(150s);
  tuner_->stop(now_);
  EXPECT_EQ(knobs_.presence_batch.get(), 2);
  EXPECT_EQ(record_.lines().back().state, ActionState::undone);
}

class WindowGovernorTest : public WebsocketTest {
 protected:
  void govern(int seconds, Mode mode = Mode::auto_) {
    for (int i = 0; i < seconds; ++i, now_ += 1s) {
      fanout_.second();
      governor_.step(now_, mode);
    }
  }

  WindowGovernor governor_{fanout_, knobs_};
};

TEST_F(WindowGovernorTest, TouchesNothingUnlessTheTunerMayAct) {
  fanout_.extra_wait = 60ms;
  for (Mode const mode : {Mode::off, Mode::observe, Mode::dry_run, Mode::canary}) govern(10, mode);
  EXPECT_EQ(knobs_.presence_allowance.number(), knobs_.presence_allowance.info().initial);
  EXPECT_EQ(knobs_.presence_gather_min.get(), 0);
}

TEST_F(WindowGovernorTest, HalvesWhatIsAllowedWhilePresenceIsLateAndGivesItBack) {
  govern(3);
  EXPECT_EQ(knobs_.presence_allowance.get(), 20ms);
  EXPECT_EQ(knobs_.presence_gather_min.get(), 0.5);
  fanout_.extra_wait = 60ms;
  govern(2);
  EXPECT_EQ(knobs_.presence_allowance.get(), 5ms);
  fanout_.extra_wait = 0ms;
  govern(1);
  EXPECT_EQ(knobs_.presence_allowance.get(), 5'500us);

  govern(1, Mode::observe);
  EXPECT_EQ(knobs_.presence_allowance.number(), knobs_.presence_allowance.info().initial);
  EXPECT_EQ(knobs_.presence_gather_min.get(), 0);
}

TEST_F(WindowGovernorTest, GathersMoreWhileTheThreadsAreBehind) {
  govern(3);
  fanout_.answer = 80ms;
  fanout_.turn = 70ms;
  govern(2);
  EXPECT_EQ(knobs_.presence_batch_least.get(), 4);
  EXPECT_EQ(knobs_.presence_allowance.get(), 20ms);
}

TEST_F(WindowGovernorTest, LeavesAKnobAloneThatAnOperatorTurned) {
  govern(3);
  ASSERT_TRUE(knobs_.presence_allowance.set(7ms));
  govern(5);
  governor_.end();
  EXPECT_EQ(knobs_.presence_allowance.get(), 7ms);
  EXPECT_EQ(knobs_.presence_gather_min.get(), 0) << "the others are given back";
}

}  // namespace
}  // namespace tableforge::tuner
