#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>
#include <unistd.h>

#include "tableforge/storage/bind_samples.hpp"
#include "tableforge/storage/postgres_database.hpp"

#include "storage/connections.hpp"
#include "support/fake_database.hpp"
#include "support/holds_soon.hpp"
#include "support/private_servers.hpp"
#include "support/process.hpp"
#include "support/serve_process.hpp"

namespace tableforge::storage {
namespace {

using namespace std::chrono_literals;
using test::FakeDatabase;
using test::FakeServer;
using tuner::IndexSpec;
using What = tuner::BuildState::What;

IndexSpec const kColour{"thing", {"colour"}};
constexpr char const *kFindSql = "select size from thing where colour = $1 and size > $2";
constexpr Statement kFind{"thing_find", kFindSql};

/// A database with a table `thing` (colour, size), which has no index on its colour, and who reads it.
class DatabaseWorld {
 public:
  virtual ~DatabaseWorld() = default;
  virtual std::unique_ptr<tuner::Database> session() = 0;
  virtual void read(int times) = 0;
};

class FakeDatabaseWorld final : public DatabaseWorld {
 public:
  FakeDatabaseWorld() {
    server_.polls_to_build = 3;
    server_.reads.push_back({.id = 7,
                             .statement = {"thing_find", kFindSql, {{"red", "10"}}},
                             .scan = {"thing", {"colour"}, {"size"}, {}},
                             .ms = 10,
                             .indexed_ms = 0.1,
                             .promised_ms = 0.1,
                             .per_second = 1});
    server_.tables["thing"].name = "thing";
  }
  std::unique_ptr<tuner::Database> session() override { return std::make_unique<FakeDatabase>(server_); }
  void read(int times) override { server_.read(server_.reads[0], times); }

 private:
  FakeServer server_;
};

std::string database_with_extensions() {
  auto const url = test::migrated_database();
  auto admin = test::PrivateServers::shared().admin_url();
  admin = admin.substr(0, admin.rfind('/')) + url.substr(url.rfind('/'));
  pqxx::connection connection(admin);
  pqxx::nontransaction work(connection);
  work.exec("create extension pg_stat_statements");
  work.exec("create extension hypopg");
  return url;
}

void run_sql(std::string const &url, std::string const &sql) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  work.exec(sql);
}

void make_things(std::string const &url, int rows) {
  run_sql(url, "create table thing (colour text not null, size int not null, filler text not null)");
  run_sql(url, "insert into thing select 'colour ' || n % 1000, n, repeat('x', 100) from generate_series(1, " +
                   std::to_string(rows) + ") n");
  run_sql(url, "analyze thing");
}

class PostgresDatabaseWorld final : public DatabaseWorld {
 public:
  PostgresDatabaseWorld() { make_things(url_, 50'000); }
  std::unique_ptr<tuner::Database> session() override {
    return std::make_unique<PostgresDatabase>(PostgresDatabase::Options{.url = url_}, samples_, metrics_);
  }
  void read(int times) override {
    for (int i = 0; i < times; ++i) {
      auto const done = pool_.connections().ask("thing_find", [&](Connection &session) -> Result<void> {
        session.run(kFind, {"colour " + std::to_string(i), "10"});
        return {};
      });
      ASSERT_TRUE(done);
    }
  }

 private:
  std::string url_ = database_with_extensions();
  BindSamples samples_;
  metrics::StorageMetrics metrics_;
  ConnectionPool pool_{{.url = url_, .connections_max = 1, .samples = &samples_}, metrics_};
};

template <class World>
class TunerDatabaseContract : public testing::Test {
 protected:
  /// Until the build has ended, one way or the other.
  What wait_for_build() {
    for (auto const deadline = std::chrono::steady_clock::now() + 30s; std::chrono::steady_clock::now() < deadline;
         std::this_thread::sleep_for(5ms)) {
      auto const state = database->build_state();
      if (state && state->what != What::under_way) return state->what;
    }
    return What::under_way;
  }
  World world;
  std::unique_ptr<tuner::Database> database = world.session();
};

using DatabaseWorlds = testing::Types<FakeDatabaseWorld, PostgresDatabaseWorld>;
TYPED_TEST_SUITE(TunerDatabaseContract, DatabaseWorlds);

TYPED_TEST(TunerDatabaseContract, CountsWhatWasExecutedAndPricesItWithAnIndexThatIsNotThere) {
  this->world.read(3);
  auto const earlier = this->database->totals();
  ASSERT_TRUE(earlier);
  this->world.read(20);
  auto const now = this->database->totals();
  ASSERT_TRUE(now);
  auto const able = this->database->abilities();
  ASSERT_TRUE(able);
  EXPECT_EQ(able->no_statements, "");
  EXPECT_EQ(able->no_pricing, "");

  auto const sampled = this->database->sampled();
  ASSERT_EQ(sampled.size(), 1u);
  EXPECT_EQ(sampled[0].name, "thing_find");
  auto const plan = this->database->explain(sampled[0], nullptr);
  ASSERT_TRUE(plan) << plan.error().text;
  auto const window = tuner::window_between(*earlier, *now, Time(0s), Time(1s));
  ASSERT_TRUE(window.statements.contains(plan->id));
  EXPECT_EQ(window.statements.at(plan->id).time_ms.count(), 20);
  EXPECT_GT(window.statements.at(plan->id).time_ms.mean(), 0);
  EXPECT_GT(window.statements.at(plan->id).blocks, 20);
  EXPECT_TRUE(window.tables.contains("thing"));

  ASSERT_EQ(plan->scans.size(), 1u);
  EXPECT_EQ(plan->scans[0].table, "thing");
  EXPECT_EQ(plan->scans[0].equal, std::vector<std::string>{"colour"});
  EXPECT_EQ(plan->scans[0].range, std::vector<std::string>{"size"});
  auto const assumed = this->database->explain(sampled[0], &kColour);
  ASSERT_TRUE(assumed) << assumed.error().text;
  EXPECT_EQ(assumed->id, plan->id);
  EXPECT_LT(assumed->cost, plan->cost / 5);
  EXPECT_GT(assumed->index_bytes, 0);
  // It was only assumed.
  EXPECT_NEAR(this->database->explain(sampled[0], nullptr)->cost, plan->cost, plan->cost * 0.01);
  EXPECT_TRUE(this->database->auto_indexes()->empty());
}

TYPED_TEST(TunerDatabaseContract, BuildsAndDropsItsOwnAndNothingElse) {
  EXPECT_EQ(this->database->build_state()->what, What::none);
  ASSERT_TRUE(this->database->begin_build(kColour));
  EXPECT_EQ(this->database->begin_build(kColour).error().code, Errc::conflict);
  EXPECT_EQ(this->wait_for_build(), What::built);
  auto indexes = this->database->auto_indexes();
  ASSERT_EQ(indexes->size(), 1u);
  EXPECT_EQ(indexes->front().spec, kColour);
  EXPECT_EQ(indexes->front().name, kColour.name());
  EXPECT_TRUE(indexes->front().valid);
  EXPECT_FALSE(indexes->front().being_built);
  EXPECT_FALSE(indexes->front().kept);
  EXPECT_GT(indexes->front().bytes, 0);
  EXPECT_EQ(this->database->drop_leftovers().value(), 0);
  // There is one of this name: that is no success.
  ASSERT_TRUE(this->database->begin_build(kColour));
  EXPECT_EQ(this->wait_for_build(), What::failed);
  EXPECT_EQ(this->database->auto_indexes()->size(), 1u);

  EXPECT_EQ(this->database->drop("table_directory_listed").error().code, Errc::forbidden);
  EXPECT_TRUE(this->database->drop(kColour.name()));
  EXPECT_TRUE(this->database->drop(kColour.name()));
  EXPECT_TRUE(this->database->auto_indexes()->empty());
}

TYPED_TEST(TunerDatabaseContract, IsLedByOneSessionAtATime) {
  EXPECT_TRUE(this->database->lead().value());
  EXPECT_TRUE(this->database->lead().value());
  auto const other = this->world.session();
  EXPECT_FALSE(other->lead().value());
  this->database.reset();
  bool leads = false;
  for (int i = 0; i < 200 && !leads; ++i, std::this_thread::sleep_for(10ms)) leads = other->lead().value();
  EXPECT_TRUE(leads);
}

TYPED_TEST(TunerDatabaseContract, RemembersWhatIsInQuarantine) {
  tuner::Quarantine const first{.knob = kColour.knob(), .until = Time(100s), .days = 7, .reason = "harmful"};
  ASSERT_TRUE(this->database->quarantine(first));
  ASSERT_TRUE(
      this->database->quarantine({.knob = kColour.knob(), .until = Time(200s), .days = 14, .reason = "neutral"}));
  auto const all = this->database->quarantined();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ(all->front().until, Time(200s));
  EXPECT_EQ(all->front().days, 14);
}

TEST(PostgresTunerDatabase, SaysWhatItLacks) {
  auto const url = test::migrated_database();
  BindSamples samples;
  metrics::StorageMetrics metrics;
  PostgresDatabase database({.url = url}, samples, metrics);
  auto const able = database.abilities();
  ASSERT_TRUE(able);
  EXPECT_THAT(able->no_statements, testing::HasSubstr("pg_stat_statements"));
  EXPECT_THAT(able->no_pricing, testing::HasSubstr("hypopg"));
  auto const totals = database.totals();
  ASSERT_TRUE(totals);
  EXPECT_TRUE(totals->statements.empty());
  EXPECT_FALSE(totals->tables.empty());
}

TEST(PostgresTunerDatabase, LeavesNothingOfABuildThatWasStopped) {
  auto const url = database_with_extensions();
  make_things(url, 1'000);
  BindSamples samples;
  metrics::StorageMetrics metrics;
  PostgresDatabase database({.url = url}, samples, metrics);
  // A build waits for whoever writes to the table.
  pqxx::connection writer(url);
  pqxx::work open(writer);
  open.exec("insert into thing values ('red', 1, '')");
  ASSERT_TRUE(database.begin_build(kColour));
  auto const is_built = [&] {
    auto const indexes = database.auto_indexes();
    return indexes && !indexes->empty() && indexes->front().being_built;
  };
  ASSERT_TRUE(test::holds_soon(is_built));
  EXPECT_EQ(database.drop_leftovers().value(), 0);
  EXPECT_EQ(database.drop(kColour.name()).error().code, Errc::unavailable);
  ASSERT_TRUE(test::holds_soon([&] { return !is_built(); }));
  open.commit();
  EXPECT_TRUE(test::holds_soon([&] { return database.drop(kColour.name()).has_value(); }));
  EXPECT_EQ(database.build_state()->what, What::failed);
  EXPECT_TRUE(database.auto_indexes()->empty());
}

/// Not a test but what KilledBuild kills.
TEST(KilledBuild, DISABLED_Victim) {
  BindSamples samples;
  metrics::StorageMetrics metrics;
  PostgresDatabase database({.url = std::getenv("TABLEFORGE_VICTIM_URL")}, samples, metrics);
  ASSERT_TRUE(database.begin_build(kColour));
  ASSERT_EQ(::write(STDOUT_FILENO, "begun\n", 6), 6);
  while (database.build_state()->what == What::under_way) std::this_thread::sleep_for(1ms);
}

// TABLEFORGE_KILLED_BUILDS=100 is the whole of it, which takes about a minute.
TEST(KilledBuild, LeavesNoInvalidIndexBehind) {
  auto const url = database_with_extensions();
  make_things(url, 200'000);
  ::setenv("TABLEFORGE_VICTIM_URL", url.c_str(), 1);
  auto const *const asked = std::getenv("TABLEFORGE_KILLED_BUILDS");
  int const rounds = asked != nullptr ? std::atoi(asked) : 5;
  std::mt19937 random(1);
  BindSamples samples;
  metrics::StorageMetrics metrics;
  int cut = 0;
  int found = 0;
  for (int round = 0; round < rounds; ++round) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    int const nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    int const victim = test::start({std::filesystem::read_symlink("/proc/self/exe").string(),
                                    "--gtest_filter=KilledBuild.DISABLED_Victim", "--gtest_also_run_disabled_tests"},
                                   nothing, pipe[1]);
    ::close(nothing);
    ::close(pipe[1]);
    std::string said;
    std::array<char, 256> part{};
    for (ssize_t n = 1; n > 0 && said.find("begun") == std::string::npos; said.append(part.data(), std::size_t(n))) {
      n = std::max<ssize_t>(0, ::read(pipe[0], part.data(), part.size()));
    }
    // Anywhere from before its first word to the server to behind the end.
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 400));
    ::kill(victim, SIGKILL);
    test::wait(victim);
    ::close(pipe[0]);

    PostgresDatabase next({.url = url}, samples, metrics);
    ASSERT_TRUE(next.lead());
    auto dropped = next.drop_leftovers();
    if (!dropped) ++cut;
    for (int i = 0; !dropped && i < 500; ++i, std::this_thread::sleep_for(20ms)) dropped = next.drop_leftovers();
    ASSERT_TRUE(dropped) << dropped.error().text;
    found += *dropped;
    for (auto const &index : *next.auto_indexes()) {
      EXPECT_TRUE(index.valid) << "round " << round;
      ASSERT_TRUE(next.drop(index.name));
    }
  }
  std::cout << rounds << " builds killed; of " << cut << " the server was still at work, " << found
            << " had left an invalid index, which is gone\n";
  PostgresDatabase last({.url = url}, samples, metrics);
  EXPECT_TRUE(last.auto_indexes()->empty());
}

}  // namespace
}  // namespace tableforge::storage
