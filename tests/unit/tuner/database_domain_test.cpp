#include "tableforge/tuner/database_domain.hpp"

#include <functional>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tableforge/tuner/memory_record.hpp"
#include "tableforge/tuner/tuner.hpp"

#include "support/fake_database.hpp"

namespace tableforge::tuner {
namespace {

using namespace std::chrono_literals;
using tableforge::test::FakeDatabase;
using tableforge::test::FakeServer;
using testing::HasSubstr;

IndexSpec const kByOwner{"thing", {"owner"}};

class QuietVitals final : public VitalSigns {
 public:
  void begin(Time) override {}
  [[nodiscard]] Vitals end(Time) override { return {.p99_ms = 5, .error_share = 0, .rss_bytes = 1}; }
};

/// The real loop over a database whose costs are known, on a virtual clock.
class DatabaseDomainTest : public testing::Test {
 protected:
  DatabaseDomainTest() {
    server.reads.push_back({.id = 1,
                            .statement = {"by_owner", "select name from thing where owner = $1", {{"x"}}},
                            .scan = {"thing", {"owner"}, {}, {}},
                            .ms = 20,
                            .indexed_ms = 0.2,
                            .promised_ms = 0.1,
                            .per_second = 10});
    server.reads.push_back({.id = 2,
                            .statement = {"player", "select name from player where id = $1", {{"x"}}},
                            .scan = {"player", {"id"}, {}, {}},
                            .ms = 0.1,
                            .indexed_ms = 0.1,
                            .promised_ms = 0.1,
                            .per_second = 50});
    server.writes.push_back({.id = 3,
                             .sql = "update thing set seen = $1 where id = $2",
                             .table = "thing",
                             .changes = {"seen"},
                             .ms = 0.05,
                             .per_second = 40});
    server.tables["thing"] = {.name = "thing", .rows = 1e5, .indexes = 1};
    start();
  }

  void start() {
    tuner.reset();
    domain.reset();
    session = std::make_unique<FakeDatabase>(server);
    domain = std::make_unique<DatabaseDomain>(*session, vitals, DatabaseDomain::Options{});
    tuner = std::make_unique<Tuner>(std::vector<TunedDomain>{{*domain, CronSchedule::parse("0 * * * *").value()}},
                                    record, TunerOptions{.mode = Mode::auto_, .weights = {}, .seed = 3});
    ASSERT_TRUE(tuner->start(now));
  }
  /// Virtual time, second by second.
  void run(std::chrono::seconds span, std::function<bool()> const &until = {}) {
    for (auto const end = now + span; now < end && !(until && until()); now += 1s) {
      server.pass(1);
      tuner->advance(now);
      server.premises.builds_today = server.builds;
    }
  }
  [[nodiscard]] std::string reason(std::string_view knob) {
    auto const report = tuner->run("database", now, true);
    if (!report) return std::string(report.error().text);
    for (auto const &idle : report->idle) {
      if (idle.knob == knob) return idle.reason;
    }
    return report->chosen ? "chosen: " + report->chosen->changes.front().knob : "nothing is said of it";
  }
  [[nodiscard]] std::string verdict() const {
    for (auto line = record.lines().rbegin(); line != record.lines().rend(); ++line) {
      if (line->verdict) return std::string(word(*line->verdict)) + ": " + line->reason;
    }
    return "none";
  }

  FakeServer server;
  QuietVitals vitals;
  MemoryRecord record;
  std::unique_ptr<FakeDatabase> session;
  std::unique_ptr<DatabaseDomain> domain;
  std::unique_ptr<Tuner> tuner;
  Time now = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 27)) + 1h;
};

TEST_F(DatabaseDomainTest, BuildsAndKeepsAnIndexThatIsMissing) {
  run(2h, [&] { return verdict() != "none"; });
  EXPECT_EQ(verdict(), "keep: the cost fell, and every guard held");
  ASSERT_TRUE(server.indexes.contains(kByOwner.name()));
  ASSERT_EQ(record.lines().size(), 2u);
  EXPECT_EQ(record.lines()[0].changes, (std::vector<Change>{{"index.thing.owner", 0, 1}}));
  EXPECT_NEAR(record.lines()[0].predicted_gain, 0.4975, 0.01);  // Half of what the planner promised, less the writes.
  EXPECT_NEAR(*record.lines()[1].realised_gain, 0.99, 0.002);
  server.indexes[kByOwner.name()].kept = true;
  run(5min);
  EXPECT_THAT(reason("index.thing.owner"), HasSubstr("it stays"));
  EXPECT_TRUE(server.quarantines.empty());
}

TEST_F(DatabaseDomainTest, NeedNotBeHeldBackWhileAnswersAreLate) {
  run(10min);
  auto const report = tuner->run("database", now, true);
  ASSERT_TRUE(report && report->chosen);
  EXPECT_TRUE(report->chosen->remedies_lateness);
  EXPECT_EQ(report->chosen->kind, TrialKind::before_after);
  EXPECT_EQ(server.builds, 0);
  tuner->hold(true);
  run(2h, [&] { return server.builds > 0; });
  EXPECT_EQ(server.builds, 1);
}

TEST_F(DatabaseDomainTest, PricesOutAnIndexThatWouldTakeHotUpdatesAway) {
  server.writes[0].sql = "update thing set owner = $1, seen = $3 where id = $2";
  server.writes[0].changes = {"owner", "seen"};
  run(3h);
  EXPECT_EQ(server.builds, 0);
  EXPECT_THAT(reason("index.thing.owner"), HasSubstr("take away 40 HOT updates/s"));
}

TEST_F(DatabaseDomainTest, TakesBackAnIndexThatTookHotUpdatesAwayAfterAll) {
  // A trigger, say: the text does not tell what is changed.
  server.writes[0].changes = {"owner", "seen"};
  run(3h, [&] { return verdict() != "none"; });
  EXPECT_EQ(verdict(), "harmful: HOT updates of the table are lost");
  EXPECT_EQ(server.builds, 1);
  EXPECT_TRUE(server.indexes.empty());
  ASSERT_TRUE(server.quarantines.contains("index.thing.owner"));
  EXPECT_EQ(server.quarantines["index.thing.owner"].days, 7);
  run(5h);
  EXPECT_EQ(server.builds, 1);
  EXPECT_THAT(reason("index.thing.owner"), HasSubstr("left alone until"));

  server.quarantines["index.thing.owner"].until = now;
  server.builds = 0;
  run(24h, [&] { return record.lines().size() == 4; });
  EXPECT_EQ(server.builds, 1);
  EXPECT_TRUE(server.indexes.empty());
  EXPECT_EQ(server.quarantines["index.thing.owner"].days, 14);
}

TEST_F(DatabaseDomainTest, TakesBackWhatThePlannerPromisedInVain) {
  server.reads[0].indexed_ms = 20;
  run(3h, [&] { return verdict() != "none"; });
  EXPECT_THAT(verdict(), HasSubstr("neutral"));
  EXPECT_TRUE(server.indexes.empty());
  EXPECT_TRUE(server.quarantines.contains("index.thing.owner"));
}

TEST_F(DatabaseDomainTest, TakesBackWhatMakesAnotherStatementOfTheTableSlower) {
  server.reads.push_back({.id = 4,
                          .statement = {"by_name", "select id from thing where name > $1", {{"x"}}},
                          .scan = {"thing", {}, {"name"}, {}},
                          .ms = 2,
                          .indexed_ms = 2,
                          .promised_ms = 2,
                          .per_second = 10});
  run(2h, [&] {
    if (server.builds > 0) server.reads[2].ms = 2.6;
    return verdict() != "none";
  });
  EXPECT_EQ(verdict(), "harmful: a statement of the table became slower");
  EXPECT_TRUE(server.indexes.empty());
}

TEST_F(DatabaseDomainTest, SaysWhyItDoesNothing) {
  EXPECT_THAT(reason("index"), HasSubstr("nothing was measured yet"));
  run(2min);
  EXPECT_THAT(reason("index"), HasSubstr("too little was seen yet"));
  run(10min);
  server.able.no_pricing = "there is no hypopg";
  EXPECT_EQ(reason("index"), "there is no hypopg");
  server.able = {};
  server.premises.builds_today = 2;
  EXPECT_THAT(reason("index.thing.owner"), HasSubstr("as many were built today"));
  server.premises = {.database_bytes = 1e6, .oldest_transaction_s = 0, .builds_today = 0};
  EXPECT_THAT(reason("index.thing.owner"), HasSubstr("more than their share of the disk"));
  server.premises.database_bytes = 1e9;
  EXPECT_EQ(reason("index.player.id"), "no statement would be cheaper");
  server.reads[0].per_second = 0.001;
  run(10min);
  EXPECT_THAT(reason("index"), HasSubstr("none that was thought of"));
}

TEST_F(DatabaseDomainTest, WaitsForOldTransactionsAndGivesUpInTime) {
  server.premises.oldest_transaction_s = 3'600;
  run(2h, [&] { return verdict() != "none"; });
  EXPECT_THAT(verdict(), HasSubstr("an old transaction did not end"));
  EXPECT_EQ(server.builds, 0);
  EXPECT_TRUE(server.quarantines.empty());
}

TEST_F(DatabaseDomainTest, StopsABuildThatPassesItsEstimate) {
  server.polls_to_build = 1'000;
  server.built_bytes = 1e8;
  run(2h, [&] { return verdict() != "none"; });
  EXPECT_THAT(verdict(), HasSubstr("twice as large"));
  EXPECT_TRUE(server.indexes.empty());
}

TEST_F(DatabaseDomainTest, TakesAwayWhatATrialThatDiedHasLeft) {
  run(2h, [&] { return server.builds > 0; });
  run(3s);
  ASSERT_TRUE(server.indexes.contains(kByOwner.name()));
  start();
  EXPECT_TRUE(server.indexes.empty());
  EXPECT_EQ(record.lines().back().state, ActionState::undone);
}

TEST_F(DatabaseDomainTest, TakesAwayWhatAnotherInstanceHasLeftAndKeepsWhatItKept) {
  IndexSpec const kept{"thing", {"name"}};
  IndexSpec const broken{"thing", {"seen"}};
  start();
  server.indexes[kByOwner.name()] = {.spec = kByOwner, .valid = true, .kept = false};
  server.indexes[kept.name()] = {.spec = kept, .valid = true, .kept = true};
  server.indexes[broken.name()] = {.spec = broken, .valid = false, .kept = false};
  run(2s);
  ASSERT_EQ(server.indexes.size(), 1u);
  EXPECT_TRUE(server.indexes.contains(kept.name()));
  ASSERT_EQ(domain->knobs().size(), 1u);
  EXPECT_EQ(domain->knobs()[0].boot, 1);
  // An operator does not want it.
  EXPECT_TRUE(tuner->pin(kept.knob(), 0, now));
  EXPECT_TRUE(server.indexes.empty());
}

TEST_F(DatabaseDomainTest, LeavesTheDatabaseToWhoLeads) {
  FakeDatabase other(server);
  session.reset();
  server.leader = nullptr;
  ASSERT_TRUE(other.lead().value());
  start();
  run(90min);
  EXPECT_FALSE(domain->leads());
  EXPECT_EQ(server.builds, 0);
  EXPECT_EQ(reason("index"), "another instance tunes the database");
}

TEST(DatabaseWindow, IsWhatCameBetweenToTheBit) {
  DatabaseTotals earlier;
  DatabaseTotals now;
  Moments all;
  Moments before;
  Moments between;
  for (int i = 0; i < 100; ++i) {
    double const ms = 1 + i % 7;
    all.add(ms);
    (i < 40 ? before : between).add(ms);
  }
  earlier.statements = {{.id = 1, .text = "a", .time_ms = before, .blocks = 10, .rows = 1}};
  now.statements = {{.id = 1, .text = "a", .time_ms = all, .blocks = 25, .rows = 4}};
  auto const window = window_between(earlier, now, Time(0s), Time(60s));
  auto const &found = window.statements.at(1);
  EXPECT_EQ(found.time_ms.count(), 60);
  EXPECT_NEAR(found.time_ms.mean(), between.mean(), 1e-9);
  EXPECT_NEAR(found.time_ms.variance(), between.variance(), 1e-9);
  EXPECT_EQ(found.blocks, 15);
  EXPECT_EQ(found.rows, 3);
  // The other way round they were reset.
  EXPECT_EQ(window_between(now, earlier, Time(0s), Time(60s)).statements.at(1).time_ms.count(), 40);
}

TEST(UpdatedColumns, AreReadFromOurStatements) {
  using testing::ElementsAre;
  using testing::IsEmpty;
  EXPECT_THAT(updated_columns("update table_directory set name = $2, changed_at = now() where id = $1 returning id",
                              "table_directory"),
              ElementsAre("changed_at", "name"));
  EXPECT_THAT(updated_columns("update table_directory set name = f($2, 3)", "table_directory"), ElementsAre("name"));
  EXPECT_THAT(updated_columns("UPDATE \"table_directory\" d SET (a, b) = ($1, $2) WHERE x", "table_directory"),
              ElementsAre("*"));
  EXPECT_THAT(updated_columns("insert into knob (a) values ($1) on conflict (a) do update set kept = excluded.kept,"
                              " pinned = excluded.pinned",
                              "knob"),
              ElementsAre("kept", "pinned"));
  EXPECT_THAT(updated_columns("insert into knob (a) values ($1) on conflict do nothing", "knob"), IsEmpty());
  EXPECT_THAT(updated_columns("select 1 from knob for update", "knob"), IsEmpty());
  EXPECT_THAT(updated_columns("update knobs set a = 1", "knob"), IsEmpty());
}

TEST(ProposeIndexes, PutsEqualityBeforeRangeAndOrder) {
  Scan const scan{"page", {"listing"}, {"size"}, {"created_at", "id", "name"}};
  auto const specs = propose_indexes(std::span(&scan, 1));
  std::vector<std::string> knobs;
  for (auto const &spec : specs) knobs.push_back(spec.knob());
  EXPECT_THAT(knobs,
              testing::ElementsAre("index.page.listing", "index.page.listing.size", "index.page.listing.created_at.id",
                                   "index.page.size", "index.page.created_at.id.name"));
  EXPECT_EQ(IndexSpec::parse(knobs[2]), specs[2]);
  EXPECT_FALSE(IndexSpec::parse("index.page"));
  EXPECT_FALSE(IndexSpec::parse("index.page.a.b.c.d"));
  EXPECT_FALSE(IndexSpec::parse("index.page.a; drop table page"));
}

TEST(PriceWrites, CountsEntriesAndLostHotUpdates) {
  DatabaseWindow window{.since = Time(0s), .until = Time(10s), .statements = {}, .tables = {}};
  window.tables["page"] = {.name = "page", .inserted = 100, .updated = 200, .updated_hot = 150, .indexes = 2};
  window.statements[1] = {.id = 1, .text = "update page set name = $1", .time_ms = {}, .blocks = 0, .rows = 80};
  window.statements[2] = {.id = 2, .text = "update page set size = $1", .time_ms = {}, .blocks = 0, .rows = 120};
  auto const price = price_writes({"page", {"name"}}, window, 0.1);
  EXPECT_DOUBLE_EQ(price.hot_lost, 8);
  EXPECT_DOUBLE_EQ(price.hot_share, 0.4);
  EXPECT_DOUBLE_EQ(price.ms, (100 + 50 + 80 * 3) * 0.1 / 10);
  // What nobody explains may be anything.
  window.statements.erase(2);
  EXPECT_DOUBLE_EQ(price_writes({"page", {"other"}}, window, 0.1).hot_lost, 12);
}

}  // namespace
}  // namespace tableforge::tuner
