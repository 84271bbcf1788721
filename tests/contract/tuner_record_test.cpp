#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include "tableforge/storage/postgres_tuner_record.hpp"

#include "support/private_servers.hpp"
#include "support/serve_process.hpp"

namespace tableforge::storage {
namespace {

using namespace std::chrono_literals;
using test::PrivateServers;
using tuner::Action;
using tuner::ActionState;

constexpr Time kNoon = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 26)) + 12h;

class TunerRecordTest : public testing::Test {
 protected:
  PostgresTunerRecord record_of(std::string instance, std::string const &url) {
    pools_.push_back(std::make_unique<ConnectionPool>(
        ConnectionPool::Options{.url = url, .connections_max = 1, .acquire_timeout = 2s, .statement_timeout = 2s},
        metrics_));
    return {*pools_.back(), {.instance = std::move(instance), .spool = directory_.path() / "spool"}};
  }
  static Action action(ActionState state, Time at = kNoon, Uuid id = Uuid::random()) {
    Action line;
    line.id = id;
    line.at = at;
    line.domain = "cache";
    line.state = state;
    line.changes = {{"a_ttl_ms", 100, 150.5}};
    line.cohort = "1/16, then \"all\"";
    line.trigger = tuner::Trigger::operator_;
    line.mode = tuner::Mode::auto_;
    line.predicted_gain = 0.125;
    line.evidence = R"({"weights":{"cpu_ms":1}})";
    line.reason = "because";
    line.undo = "tableforge tuner pin a_ttl_ms=100";
    line.config_hash = 0xfedc'ba98'7654'3210ULL;
    return line;
  }
  pqxx::result sql(std::string const &text) {
    pqxx::connection connection(url_);
    pqxx::nontransaction work(connection);
    return work.exec(text);
  }

  metrics::StorageMetrics metrics_;
  test::ScratchDirectory directory_;
  std::string url_ = test::migrated_database();
  std::vector<std::unique_ptr<ConnectionPool>> pools_;
};

TEST_F(TunerRecordTest, GivesBackWhatWasWritten) {
  auto record = record_of("here", url_);
  auto const intent = action(ActionState::trial);
  ASSERT_TRUE(record.append(intent));
  ASSERT_TRUE(record.append(intent)) << "the same line again is harmless";

  auto const found = record.unfinished("cache");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1U);
  EXPECT_EQ((*found)[0].id, intent.id);
  EXPECT_EQ((*found)[0].at, intent.at);
  EXPECT_EQ((*found)[0].changes, intent.changes);
  EXPECT_EQ((*found)[0].cohort, intent.cohort);
  EXPECT_EQ((*found)[0].mode, intent.mode);
  EXPECT_EQ((*found)[0].trigger, intent.trigger);
  EXPECT_EQ((*found)[0].predicted_gain, intent.predicted_gain);
  EXPECT_EQ((*found)[0].undo, intent.undo);
  EXPECT_EQ((*found)[0].config_hash, intent.config_hash);
  EXPECT_FALSE((*found)[0].verdict);
}

TEST_F(TunerRecordTest, KnowsAnIntentByItsMissingOutcome) {
  auto record = record_of("here", url_);
  auto const intent = action(ActionState::trial);
  ASSERT_TRUE(record.append(intent));
  auto outcome = action(ActionState::kept, kNoon + 20min, intent.id);
  outcome.verdict = tuner::Verdict::keep;
  outcome.realised_gain = 0.1;
  ASSERT_TRUE(record.append(outcome));

  EXPECT_TRUE(record.unfinished("cache")->empty());
  auto const history = record.history(10);
  ASSERT_TRUE(history);
  ASSERT_EQ(history->size(), 2U);
  EXPECT_EQ((*history)[0].state, ActionState::kept) << "the newest first";
  EXPECT_EQ((*history)[0].verdict, tuner::Verdict::keep);
  EXPECT_EQ((*history)[0].realised_gain, 0.1);
}

TEST_F(TunerRecordTest, KeepsInstancesApart) {
  auto here = record_of("here", url_);
  auto there = record_of("there", url_);
  ASSERT_TRUE(here.append(action(ActionState::trial)));
  ASSERT_TRUE(here.remember({.domain = "cache", .knob = "a_ttl_ms", .kept = 7}));

  EXPECT_TRUE(there.unfinished("cache")->empty()) << "a trial of another process goes on";
  EXPECT_TRUE(there.recall("cache")->empty());
  EXPECT_TRUE(there.history(10)->empty());
}

TEST_F(TunerRecordTest, RemembersTheLastThatWasSaidOfAKnob) {
  auto record = record_of("here", url_);
  tuner::KnobState state{.domain = "cache", .knob = "a_ttl_ms", .kept = 150.25};
  ASSERT_TRUE(record.remember(state));
  state.pinned = 99;
  state.kept.reset();
  state.memory.kept(tuner::Direction::up, kNoon);
  state.memory.failed(tuner::Direction::down);
  state.memory.frozen_until = kNoon + 24h;
  ASSERT_TRUE(record.remember(state));

  auto const recalled = record.recall("cache");
  ASSERT_TRUE(recalled);
  ASSERT_EQ(recalled->size(), 1U);
  EXPECT_EQ((*recalled)[0].pinned, 99);
  EXPECT_FALSE((*recalled)[0].kept);
  EXPECT_EQ((*recalled)[0].memory.decisions, state.memory.decisions);
  EXPECT_EQ((*recalled)[0].memory.down, state.memory.down);
  EXPECT_EQ((*recalled)[0].memory.up, state.memory.up);
  EXPECT_EQ((*recalled)[0].memory.frozen_until, state.memory.frozen_until);
}

TEST_F(TunerRecordTest, ChangesNoLine) {
  auto record = record_of("here", url_);
  ASSERT_TRUE(record.append(action(ActionState::set)));
  EXPECT_THROW(sql("update tuner_action set reason = 'another'"), pqxx::sql_error);
}

TEST_F(TunerRecordTest, WritesLaterWhatTheDatabaseWasAwayFor) {
  auto &servers = PrivateServers::shared();
  auto const intent = action(ActionState::trial);
  {
    auto record = record_of("here", url_);
    ASSERT_TRUE(record.append(intent));
    servers.stop_postgres(PrivateServers::Stop::fast);
    auto const refused = record.append(action(ActionState::trial));
    EXPECT_FALSE(refused) << "nothing is tried without the database";
    EXPECT_TRUE(record.append(action(ActionState::undone, kNoon + 1min, intent.id)));
    EXPECT_TRUE(record.remember({.domain = "cache", .knob = "a_ttl_ms", .kept = 7}));
    EXPECT_TRUE(record.note("cache", {.since = kNoon, .until = kNoon + 15min, .cost = {.requests = 5}}));
    EXPECT_EQ(record.spooled(), 3U);
    EXPECT_FALSE(record.unfinished("cache"));
  }
  servers.start_postgres();

  // The next process finds the spool.
  auto record = record_of("here", url_);
  EXPECT_EQ(record.spooled(), 3U);
  EXPECT_TRUE(record.unfinished("cache")->empty());
  EXPECT_EQ(record.spooled(), 0U);
  EXPECT_EQ(record.history(10)->size(), 2U);
  EXPECT_EQ((*record.recall("cache"))[0].kept, 7);
  EXPECT_EQ(sql("select cost ->> 'requests' from tuner_observation")[0][0].as<int>(), 5);
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "spool"));
}

}  // namespace
}  // namespace tableforge::storage
