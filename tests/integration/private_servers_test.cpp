#include "support/private_servers.hpp"

#include <string>

#include <gtest/gtest.h>

#include "support/process.hpp"

namespace tableforge::test {
namespace {

std::string query(std::string const &url, std::string const &sql) {
  return run({"psql", "-X", "-A", "-t", "-q", "-d", url, "-c", sql}).output;
}

bool redis_answers(std::string const &url) {
  std::string const password = url.substr(url.find("//:") + 3, url.find('@') - url.find("//:") - 3);
  std::string const port = url.substr(url.rfind(':') + 1, url.rfind('/') - url.rfind(':') - 1);
  return run({"redis-cli", "--no-auth-warning", "-h", "127.0.0.1", "-p", port, "-a", password, "ping"}).output ==
         "PONG\n";
}

TEST(PrivateServers, AreFullyDurable) {
  std::string const &url = PrivateServers::shared().database_url();

  EXPECT_EQ(query(url, "show fsync"), "on\n");
  EXPECT_EQ(query(url, "show synchronous_commit"), "on\n");
  EXPECT_EQ(query(url, "show full_page_writes"), "on\n");
}

TEST(PrivateServers, RefuseAWrongPassword) {
  std::string url = PrivateServers::shared().database_url();
  url.insert(url.find('@'), "x");

  EXPECT_NE(query(url, "select 1").find("password authentication failed"), std::string::npos);
}

TEST(PrivateServers, FreshDatabasesAreEmptyAndApart) {
  auto &servers = PrivateServers::shared();
  std::string const first = servers.fresh_database();
  std::string const second = servers.fresh_database();

  query(first, "create table only_here ()");

  EXPECT_EQ(query(first, "select count(*) from pg_tables where schemaname = 'public'"), "1\n");
  EXPECT_EQ(query(second, "select count(*) from pg_tables where schemaname = 'public'"), "0\n");
}

TEST(PrivateServers, CommittedRowsOutliveAnImmediateRestart) {
  auto &servers = PrivateServers::shared();
  std::string const url = servers.fresh_database();
  query(url, "create table kept as select 42 as answer");

  servers.restart_postgres(PrivateServers::Stop::immediate);

  EXPECT_EQ(query(url, "select answer from kept"), "42\n");
}

TEST(PrivateServers, StoppedPostgresComesBackUnderTheSameUrl) {
  auto &servers = PrivateServers::shared();

  servers.stop_postgres(PrivateServers::Stop::fast);
  EXPECT_NE(query(servers.database_url(), "select 1"), "1\n");
  servers.start_postgres();

  EXPECT_EQ(query(servers.database_url(), "select 1"), "1\n");
}

TEST(PrivateServers, KilledRedisComesBackUnderTheSameUrl) {
  auto &servers = PrivateServers::shared();
  EXPECT_TRUE(redis_answers(servers.redis_url()));

  servers.kill_redis();
  EXPECT_FALSE(redis_answers(servers.redis_url()));
  servers.start_redis();

  EXPECT_TRUE(redis_answers(servers.redis_url()));
}

TEST(PrivateServers, AdminMayChangeSettings) {
  EXPECT_EQ(query(PrivateServers::shared().admin_url(), "select rolsuper from pg_roles where rolname = current_user"),
            "t\n");
}

}  // namespace
}  // namespace tableforge::test
