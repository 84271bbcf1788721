#include "tableforge/storage/schema.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include "support/private_servers.hpp"

namespace tableforge::test {
namespace {

using storage::SchemaState;

class Schema : public testing::Test {
 protected:
  std::string const url = PrivateServers::shared().fresh_database();

  void sql(std::string const &statements) const {
    pqxx::connection connection(url);
    pqxx::nontransaction(connection).exec(statements);
  }
  SchemaState state() const { return storage::check_schema(url).value().state; }
};

TEST_F(Schema, IsOlderUntilItIsMigrated) {
  auto const before = storage::check_schema(url);
  ASSERT_TRUE(before);
  EXPECT_EQ(before->state, SchemaState::older);
  EXPECT_EQ(before->version, 0);
  EXPECT_GE(before->known, 2);

  auto const migrated = storage::migrate(url);

  ASSERT_TRUE(migrated);
  EXPECT_EQ(migrated->version, before->known);
  EXPECT_EQ(migrated->applied.size(), static_cast<std::size_t>(before->known));
  EXPECT_EQ(migrated->applied.front(), "0001_journal");
  auto const after = storage::check_schema(url);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->state, SchemaState::current);
  EXPECT_EQ(after->version, before->known);
}

TEST_F(Schema, IsMigratedOnce) {
  ASSERT_TRUE(storage::migrate(url));
  auto const again = storage::migrate(url);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->applied.empty());
  EXPECT_EQ(state(), SchemaState::current);
}

TEST_F(Schema, IsMigratedOnceByManyAtOnce) {
  int const known = storage::check_schema(url)->known;
  std::atomic<int> applied{0};
  std::atomic<int> succeeded{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      auto const report = storage::migrate(url);
      if (!report) return;
      ++succeeded;
      applied += static_cast<int>(report->applied.size());
      EXPECT_EQ(report->version, known);
    });
  }
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(succeeded, 6);
  EXPECT_EQ(applied, known);
  EXPECT_EQ(state(), SchemaState::current);
}

TEST_F(Schema, IsContinuedFromWhereItStands) {
  ASSERT_TRUE(storage::migrate(url));
  sql("drop table player, table_directory, invitation_use, invitation, tuner_action, tuner_observation, "
      "tuner_knob_state, tuner_quarantine;"
      " drop function tuner_action_is_kept; delete from schema_version where version >= 2");
  EXPECT_EQ(state(), SchemaState::older);
  auto const migrated = storage::migrate(url);
  ASSERT_TRUE(migrated);
  EXPECT_EQ(migrated->applied.front(), "0002_lobby");
  EXPECT_EQ(state(), SchemaState::current);
}

TEST_F(Schema, IsRefusedWhenNewer) {
  ASSERT_TRUE(storage::migrate(url));
  sql("insert into schema_version values (9999, '9999_future')");
  auto const report = storage::check_schema(url);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->state, SchemaState::newer);
  EXPECT_EQ(report->version, 9'999);
  auto const migrated = storage::migrate(url);
  ASSERT_FALSE(migrated);
  EXPECT_EQ(migrated.error().code, Errc::conflict);
}

TEST_F(Schema, IsServedWhenANewerOneSaysThatThisProgramStillCan) {
  int const known = storage::migrate(url).value().version;
  auto const add = [&](int version, int served_from) {
    sql("insert into schema_version (version, name, served_from) values (" + std::to_string(version) + ", 'later', " +
        std::to_string(served_from) + ")");
  };
  add(known + 1, known);
  EXPECT_EQ(state(), SchemaState::newer_served);
  auto const migrated = storage::migrate(url);
  ASSERT_TRUE(migrated);
  EXPECT_TRUE(migrated->applied.empty());
  EXPECT_EQ(migrated->version, known + 1);

  add(known + 2, known + 1);
  EXPECT_EQ(state(), SchemaState::newer);
  EXPECT_EQ(storage::migrate(url).error().code, Errc::conflict);
}

TEST_F(Schema, OfBeforeTheMarkIsBroughtUp) {
  ASSERT_TRUE(storage::migrate(url));
  sql("alter table schema_version drop column served_from");
  EXPECT_EQ(state(), SchemaState::current);
  sql("insert into schema_version values (9999, '9999_future')");
  EXPECT_EQ(state(), SchemaState::newer);
  sql("delete from schema_version where version = 9999");
  ASSERT_TRUE(storage::migrate(url));
  sql("insert into schema_version (version, name, served_from) values (9999, '9999_future', 1)");
  EXPECT_EQ(state(), SchemaState::newer_served);
}

TEST_F(Schema, IsRefusedWhenItsHistoryIsNotOurs) {
  ASSERT_TRUE(storage::migrate(url));
  sql("update schema_version set name = '0002_other' where version = 2");
  EXPECT_EQ(state(), SchemaState::unknown);
  EXPECT_EQ(storage::migrate(url).error().code, Errc::conflict);
  sql("update schema_version set name = '0002_lobby' where version = 2; delete from schema_version where version = 1");
  EXPECT_EQ(state(), SchemaState::unknown);
}

TEST_F(Schema, IsLeftAloneByAMigrationThatFails) {
  sql("create table snapshot (mine int)");
  EXPECT_FALSE(storage::migrate(url));
  pqxx::connection connection(url);
  pqxx::nontransaction look(connection);
  EXPECT_TRUE(look.exec("select to_regclass('commit_row') is null")[0][0].as<bool>());
  EXPECT_TRUE(look.exec("select to_regclass('schema_version') is null")[0][0].as<bool>());
}

TEST_F(Schema, CannotBeToldWithoutAServer) {
  for (std::string const where : {"postgresql://nobody@127.0.0.1:1/nowhere", "nonsense"}) {
    auto const report = storage::check_schema(where);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Errc::unavailable);
    EXPECT_FALSE(storage::migrate(where));
  }
}

/// Changes the server's own settings, so it has one of its own.
class Durability : public testing::Test {
 protected:
  PrivateServers servers;

  void set(std::string const &setting) {
    pqxx::connection connection(servers.admin_url());
    pqxx::nontransaction(connection).exec("alter system set " + setting);
    servers.restart_postgres(PrivateServers::Stop::fast);
  }
};

TEST_F(Durability, RefusesAServerThatMayForgetUnlessAllowedByName) {
  EXPECT_TRUE(storage::check_durability(servers.database_url(), false));

  set("fsync = off");

  auto const refused = storage::check_durability(servers.database_url(), false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::forbidden);
  EXPECT_TRUE(storage::check_durability(servers.database_url(), true));

  set("fsync = on");
  set("full_page_writes = off");
  EXPECT_TRUE(storage::check_durability(servers.database_url(), false)) << "unwise, but only warned of";
}

}  // namespace
}  // namespace tableforge::test
