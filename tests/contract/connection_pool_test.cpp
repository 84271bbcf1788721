#include "tableforge/storage/connection_pool.hpp"

#include <future>

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include "tableforge/storage/postgres_lobby_stores.hpp"

#include "journal_world.hpp"

namespace tableforge::test {
namespace {

using namespace std::chrono_literals;

/// A pool of one session, and somebody who locks the table that it is asked about.
class ConnectionPoolTest : public testing::Test {
 protected:
  std::string const url = migrated_database();
  metrics::StorageMetrics metrics;
  storage::ConnectionPool pool{{.url = url, .connections_max = 1, .acquire_timeout = 50ms, .statement_timeout = 60s},
                               metrics};
  storage::PostgresPlayerStore players{pool};
  pqxx::connection blocker{url};
  std::optional<pqxx::work> held;

  /// A question that gets no answer while the lock is held; returns when the server has it.
  std::future<Result<std::optional<lobby::PlayerRecord>>> ask_in_vain() {
    held.emplace(blocker);
    held->exec("lock table player in access exclusive mode");
    auto answer = std::async(std::launch::async, [this] { return players.find(PlayerId(Uuid::random())); });
    pqxx::connection observer(url);
    auto const end = std::chrono::steady_clock::now() + kPatience;
    while (!pqxx::nontransaction(observer)
                .exec("select exists (select from pg_locks where not granted"
                      " and database = (select oid from pg_database where datname = current_database()))")[0][0]
                .as<bool>()) {
      if (std::chrono::steady_clock::now() > end) throw std::runtime_error("nobody waits for the lock");
    }
    return answer;
  }
};

TEST_F(ConnectionPoolTest, TellsWhoWaitsTooLongForASession) {
  auto answer = ask_in_vain();
  auto const second = players.find(PlayerId(Uuid::random()));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::overloaded);
  EXPECT_EQ(metrics.queries_failed.value(), 1u);

  held->commit();

  EXPECT_TRUE(answer.get());
  EXPECT_TRUE(players.find(PlayerId(Uuid::random()))) << "the session is given back";
  EXPECT_EQ(metrics.connections_open.value(), 1);
}

TEST_F(ConnectionPoolTest, EndsItsQuestionsAtClose) {
  auto answer = ask_in_vain();

  pool.close();

  ASSERT_EQ(answer.wait_for(kPatience), std::future_status::ready);
  EXPECT_FALSE(answer.get());
  auto const late = players.find(PlayerId(Uuid::random()));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Errc::cancelled);
  EXPECT_EQ(metrics.connections_open.value(), 0);
}

TEST_F(ConnectionPoolTest, ReplacesASessionThatTheServerEnded) {
  ASSERT_TRUE(players.find(PlayerId(Uuid::random())));
  pqxx::nontransaction(blocker).exec(
      "select pg_terminate_backend(pid, 10000) from pg_stat_activity"
      " where datname = current_database() and pid <> pg_backend_pid()");
  EXPECT_TRUE(players.find(PlayerId(Uuid::random())));
  EXPECT_EQ(metrics.reconnects.value(), 1u);
  EXPECT_EQ(metrics.connections_open.value(), 1);
}

TEST(ConnectionPoolAway, SaysThatNobodyAnswers) {
  metrics::StorageMetrics metrics;
  for (std::string const where : {"postgresql://nobody@127.0.0.1:1/nowhere", "nonsense"}) {
    storage::ConnectionPool pool({.url = where}, metrics);
    auto const found = storage::PostgresPlayerStore(pool).find(PlayerId(Uuid::random()));
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::unavailable);
  }
  EXPECT_EQ(metrics.connections_open.value(), 0);
}

}  // namespace
}  // namespace tableforge::test
