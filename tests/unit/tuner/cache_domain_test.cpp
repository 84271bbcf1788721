#include "tableforge/tuner/cache_domain.hpp"

#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tableforge/metrics/histogram.hpp"
#include "tableforge/tuner/ttl_model.hpp"

namespace tableforge::tuner {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// A class whose evidence is what the model says of it: alike keys, reads and writes by chance.
class ModelledClass final : public CachedClass {
 public:
  explicit ModelledClass(std::string name, double ttl_ms)
      : name_(std::move(name)), knob{name_ + "_ttl_ms", ttl_ms, ttl_ms, 50, 300'000} {
    for (int i = 0; i < 10'000; ++i) curve.add(std::chrono::milliseconds(i), i % 10 == 0);
    for (int i = 0; i < 1'000; ++i) loads.record(2ms);
  }

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] KnobValue ttl() const override { return knob; }
  [[nodiscard]] std::string_view locked() const override { return why_locked; }
  void expose_ttl(double ttl_ms, Exposure const &to) override {
    exposed_ms = ttl_ms;
    exposure = to;
  }
  void set_ttl(double ttl_ms) override {
    knob.value = ttl_ms;
    exposure = {};
  }
  [[nodiscard]] Counts counts(Side side) const override {
    auto found = counted.find(side);
    Counts counts = found == counted.end() ? Counts{} : found->second;
    if (side == Side::control) {
      counts.db_ms += 2'000;
      counts.loads = loads.snapshot();
    }
    return counts;
  }
  [[nodiscard]] TtlEvidence evidence() const override {
    TtlEvidence evidence;
    for (std::size_t place = 0; place < TtlEvidence::kPlaces; ++place) {
      evidence.seconds[place] = 4 * std::exp2((static_cast<double>(place) - 8) / 2);
    }
    for (int minute = 0; minute < minutes; ++minute) {
      for (std::size_t place = 0; place < TtlEvidence::kPlaces; ++place) {
        double const ttl = evidence.seconds[place];
        double const misses = reads_per_minute / (1 + model.reads * ttl);
        double const cost = TtlModel{model.reads, model.writes, 0, 1}.cost(ttl) * reads_per_minute;
        evidence.epochs[minute][place] = {reads_per_minute, misses, cost};
      }
    }
    evidence.samples = samples;
    evidence.keys = keys;
    return evidence;
  }
  [[nodiscard]] StalenessCurve staleness() const override { return curve; }
  [[nodiscard]] Audits audits() const override { return audited; }
  void forget() override { ++forgotten; }

  std::string name_;
  KnobValue knob;
  TtlModel model{.reads = 2, .writes = 0.05, .miss_cost = 2, .stale_cost = 10};
  double reads_per_minute = 10'000;
  int minutes = 10;
  double samples = 20'000;
  std::string_view why_locked;
  double keys = 20'000;
  StalenessCurve curve;
  metrics::LatencyHistogram loads;
  std::map<Side, Counts> counted;
  Audits audited;
  int forgotten = 0;
  double exposed_ms = 0;
  Exposure exposure;
};

class ModelledVitals final : public VitalSigns {
 public:
  void begin(Time) override {}
  [[nodiscard]] Vitals end(Time) override { return {.p99_ms = 7, .error_share = 0.25, .rss_bytes = 3}; }
};

class ConstantLimits final : public StepLimits {
 public:
  [[nodiscard]] double step_max(std::string_view, Direction) const override { return 1.5; }
  [[nodiscard]] bool may_leap(Candidate const &candidate) const override {
    return leap_gain_min < 1 && candidate.predicted_gain() >= leap_gain_min;
  }
  double leap_gain_min = 1;
};

class CacheDomainTest : public testing::Test {
 protected:
  ModelledClass page{"page", 30'000};
  ModelledClass table{"table", 30'000};
  ModelledVitals vitals;
  CacheDomain domain{{&page, &table}, vitals, {}};
  Weights weights;
  ConstantLimits limits;
};

TEST_F(CacheDomainTest, ProposesAStepTowardsTheLifetimeThatWouldHaveCostLeast) {
  // T* is about 1 s.
  auto const ranking = domain.rank({}, weights, limits);
  ASSERT_EQ(ranking.candidates.size(), 2u);
  auto const &candidate = ranking.candidates[0];
  EXPECT_EQ(candidate.changes, (std::vector<Change>{{"page_ttl_ms", 30'000, 20'000}}));
  EXPECT_EQ(candidate.kind, TrialKind::cohort);
  EXPECT_EQ(candidate.settling, 30s);
  double const expected = std::log(page.model.cost(20) / page.model.cost(30));
  EXPECT_NEAR(candidate.log_ratio.mean, expected, 0.01);
  EXPECT_LT(candidate.predicted.stale_reads, candidate.now.stale_reads);
  EXPECT_GT(candidate.predicted.db_ms, candidate.now.db_ms);
}

TEST_F(CacheDomainTest, RaisesALifetimeThatIsTooShort) {
  page.knob.value = 400;
  auto const ranking = domain.rank({}, weights, limits);
  for (auto const &candidate : ranking.candidates) {
    if (candidate.changes[0].knob == "page_ttl_ms") EXPECT_EQ(candidate.changes[0].to, 600);
  }
}

TEST_F(CacheDomainTest, RanksByWhatIsSavedAndNotByTheRatio) {
  table.reads_per_minute = 1'000'000;
  EXPECT_EQ(domain.rank({}, weights, limits).candidates[0].changes[0].knob, "table_ttl_ms");
}

TEST_F(CacheDomainTest, StaysWithinTheStalenessBound) {
  page.model.writes = 1e-6;
  page.knob.value = 9'000;
  page.knob.max = 10'000;
  for (auto const &candidate : domain.rank({}, weights, limits).candidates) {
    if (candidate.changes[0].knob == "page_ttl_ms") EXPECT_EQ(candidate.changes[0].to, 10'000);
  }
}

TEST_F(CacheDomainTest, SaysWhyItProposesNothing) {
  page.minutes = 2;
  table.curve = {};
  auto const ranking = domain.rank({}, weights, limits);
  EXPECT_TRUE(ranking.candidates.empty());
  ASSERT_EQ(ranking.idle.size(), 2u);
  EXPECT_THAT(ranking.idle[0].reason, HasSubstr("too little was read lately: 20000 samples in 2 minutes"));
  EXPECT_THAT(ranking.idle[1].reason, HasSubstr("too few values were compared with the database: 0"));
  page.knob.value = 0;
  EXPECT_EQ(domain.rank({}, weights, limits).idle[0].reason, "the class is switched off");
}

TEST_F(CacheDomainTest, LeapsToTheBestWhereThatMayBeAndProposesTheStepAfterIt) {
  page.model.writes = 2;
  limits.leap_gain_min = 0.10;
  auto const ranking = domain.rank({}, weights, limits);
  std::vector<double> to;
  for (auto const &candidate : ranking.candidates) {
    if (candidate.changes[0].knob == "page_ttl_ms") to.push_back(candidate.changes[0].to);
  }
  ASSERT_EQ(to.size(), 2U);
  EXPECT_LT(to[0], 2'000);
  EXPECT_EQ(to[1], 20'000);
}

TEST_F(CacheDomainTest, ForgetsAtAnotherLoadAndIsReadyOnceItKnowsIt) {
  EXPECT_EQ(domain.look({}), Alarm::none);
  page.audited += {.stale = 20, .most = 1, .least = 0.5};
  EXPECT_EQ(domain.look({}), Alarm::shifted);
  EXPECT_EQ(page.forgotten, 1);
  EXPECT_EQ(table.forgotten, 0);
  page.minutes = 2;
  EXPECT_EQ(domain.look({}), Alarm::none) << "too little is known yet";
  page.minutes = 3;
  EXPECT_EQ(domain.look({}), Alarm::ready);
  EXPECT_EQ(domain.look({}), Alarm::ready) << "until somebody listens";
  static_cast<void>(domain.rank({}, weights, limits));
  EXPECT_EQ(domain.look({}), Alarm::none);
  EXPECT_EQ(page.forgotten, 1);
}

TEST_F(CacheDomainTest, SeesThatAuditsFindLessThanTheyShould) {
  for (int minute = 0; minute < 30; ++minute) {
    page.audited += {.stale = 1, .most = 1.2, .least = 0.8};
    ASSERT_EQ(domain.look({}), Alarm::none) << "as expected";
  }
  page.audited += {.stale = 0, .most = 20, .least = 12};
  EXPECT_EQ(domain.look({}), Alarm::shifted);
}

TEST_F(CacheDomainTest, IsReadyForTheNextStepOnceOneIsKept) {
  std::vector<Change> const changes{{"page_ttl_ms", 30'000, 20'000}};
  ASSERT_TRUE(domain.keep(changes));
  EXPECT_EQ(domain.look({}), Alarm::none) << "an operator's word";
  page.knob.value = 30'000;
  ASSERT_TRUE(domain.apply(changes, {.share = 0.5}));
  ASSERT_TRUE(domain.keep(changes));
  EXPECT_EQ(domain.look({}), Alarm::ready);
}

TEST_F(CacheDomainTest, ReadsBothSidesSinceTheReadingBegan) {
  Exposure const half{0.5, 1, false};
  ASSERT_TRUE(domain.apply({{"page_ttl_ms", 30'000, 20'000}}, half));
  EXPECT_EQ(page.exposed_ms, 20'000);
  EXPECT_EQ(page.exposure, half);
  page.counted[Side::treated].reads = 100;
  page.counted[Side::treated].db_ms = 50;
  domain.begin_reading({});
  page.counted[Side::treated].reads = 400;
  page.counted[Side::treated].db_ms = 150;
  page.counted[Side::treated].hits[AgeGrid::place_of(5s)] = 200;
  auto const reading = domain.end_reading({});
  EXPECT_EQ(reading.treated.cost.requests, 300);
  EXPECT_EQ(reading.treated.cost.db_ms, 100);
  EXPECT_NEAR(reading.treated.cost.stale_reads, 20, 1) << "a tenth of those compared at that age were stale";
  EXPECT_EQ(reading.control.cost.requests, 0);
  ASSERT_EQ(reading.treated.guards.size(), domain.guards().size());
  EXPECT_EQ(reading.treated.guards[0], 7);
  EXPECT_EQ(reading.treated.guards[1], 0.25);
  EXPECT_TRUE(std::isnan(reading.treated.guards[3])) << "of no loads there is no tail";
}

TEST_F(CacheDomainTest, KeepsAndUndoesWhateverWasExposed) {
  std::vector<Change> const changes{{"page_ttl_ms", 30'000, 20'000}};
  ASSERT_TRUE(domain.apply(changes, {0.5, 1, false}));
  ASSERT_TRUE(domain.keep(changes));
  EXPECT_EQ(page.knob.value, 20'000);
  EXPECT_EQ(page.exposure, Exposure{});
  ASSERT_TRUE(domain.undo(changes));
  EXPECT_EQ(page.knob.value, 30'000);
  EXPECT_TRUE(domain.undo({{"gone_ttl_ms", 1, 2}}));
  EXPECT_FALSE(domain.keep({{"gone_ttl_ms", 1, 2}}));
  EXPECT_FALSE(domain.apply({{"gone_ttl_ms", 1, 2}}, {}));
}

TEST_F(CacheDomainTest, HasFewKeysTakeTurns) {
  page.keys = 12;
  for (auto const &candidate : domain.rank({}, weights, limits).candidates) {
    bool const few = candidate.changes[0].knob == "page_ttl_ms";
    EXPECT_EQ(candidate.kind, few ? TrialKind::switchback : TrialKind::cohort);
  }
}

TEST_F(CacheDomainTest, SaysWhyALifetimeIsNoneOfItsBusiness) {
  page.why_locked = "nothing of it ever changes";
  auto const ranking = domain.rank({}, weights, limits);
  ASSERT_EQ(ranking.idle.size(), 1U);
  EXPECT_EQ(ranking.idle[0].knob, "page_ttl_ms");
  EXPECT_EQ(ranking.idle[0].reason, "nothing of it ever changes");
}

TEST_F(CacheDomainTest, LeavesAKnobThatSomebodyElseTurned) {
  std::vector<Change> const changes{{"page_ttl_ms", 30'000, 20'000}};
  ASSERT_TRUE(domain.apply(changes, {.share = 0.5}));
  page.knob.value = 5'000;

  EXPECT_FALSE(domain.apply(changes, {.share = 1}));
  EXPECT_FALSE(domain.keep(changes));
  ASSERT_TRUE(domain.undo(changes));
  EXPECT_EQ(page.knob.value, 5'000);
  EXPECT_EQ(page.exposure, Exposure{});
}

TEST_F(CacheDomainTest, CountsAMissByWhatAllOfThemCost) {
  // Of 100 misses one in four loads; the others wait for it.
  page.counted[Side::control].reads = 4'000;
  page.counted[Side::control].db_ms = 0;
  auto const ranking = domain.rank({}, weights, limits);
  for (auto const &candidate : ranking.candidates) {
    if (candidate.changes[0].knob != "page_ttl_ms") continue;
    auto const per_miss = candidate.now.db_ms / (candidate.now.requests / (1 + 2 * 30.0));
    EXPECT_NEAR(per_miss, 0.5, 0.05) << "2,000 ms for 4,000 misses";
  }
}

}  // namespace
}  // namespace tableforge::tuner
