#include <chrono>
#include <fstream>
#include <future>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/stat.h>

#include "support/private_servers.hpp"
#include "support/process.hpp"
#include "support/serve_process.hpp"

namespace tableforge::test {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

struct Table {
  std::string id;
  std::string token;
};

Table make_table(ServeProcess const &server) {
  auto const player = server.post("/v1/players", "", R"({"name":"Ada"})");
  std::string const token = Json::parse(player.body).at("token");
  auto const table = server.post("/v1/tables", token, R"({"name":"Kept","system":"chess","visibility":"public"})");
  return {.id = Json::parse(table.body).at("id"), .token = token};
}

std::string status_of(Answer const &readyz) { return Json::parse(readyz.body).at("status"); }

/// How the binary begins, ends, and bears the loss of what it depends on.
class Serve : public testing::Test {
 protected:
  ServeProcess::Options options() { return {.database_url = database_, .run_dir = directory_.path()}; }

  ScratchDirectory directory_;
  std::string database_ = migrated_database();
};

TEST_F(Serve, EndsCleanlyOnSigterm) {
  ServeProcess server(options());
  server.await_serving();

  EXPECT_EQ(server.terminate(), 0) << server.output();
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "port"));
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "admin-port"));
}

TEST_F(Serve, KeepsTablesTokensAndTheLobbyOverARestart) {
  Table table;
  std::string before;
  {
    ServeProcess server(options());
    server.await_serving();
    table = make_table(server);
    before = server.get("/v1/tables/" + table.id, table.token).body;
    ASSERT_EQ(server.terminate(), 0) << server.output();
  }

  ServeProcess server(options());
  server.await_serving();

  EXPECT_EQ(server.get("/v1/tables/" + table.id, table.token).body, before);
  EXPECT_THAT(server.get("/v1/tables").body, HasSubstr(table.id));
}

TEST_F(Serve, KeepsWhatItAcknowledgedWhenItIsKilled) {
  Table table;
  std::string before;
  {
    ServeProcess server(options());
    server.await_serving();
    table = make_table(server);
    before = server.get("/v1/tables/" + table.id, table.token).body;
    server.kill();
  }

  ServeProcess server(options());
  server.await_serving();

  EXPECT_EQ(server.get("/v1/tables/" + table.id, table.token).body, before);
}

TEST_F(Serve, KeepsItsKeyToItself) {
  ServeProcess server(options());
  server.await_serving();

  struct stat status{};
  ASSERT_EQ(::stat((directory_.path() / "token-key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600);
  EXPECT_THAT(server.output(), HasSubstr("made a key that signs tokens"));
}

TEST_F(Serve, TakesTheTokensOfAnInstanceWithTheSameSecret) {
  auto with_secret = [&](ScratchDirectory const &directory, std::string const &secret) {
    auto chosen = options();
    chosen.run_dir = directory.path();
    chosen.more = {"--secret=" + secret};
    return chosen;
  };
  std::string const secret(32, 's');
  ScratchDirectory second_directory;
  ScratchDirectory third_directory;
  ServeProcess first(with_secret(directory_, secret));
  ServeProcess second(with_secret(second_directory, secret));
  ServeProcess third(with_secret(third_directory, std::string(32, 't')));
  auto const table = make_table(first.await_serving());

  EXPECT_EQ(second.await_serving().get("/v1/tables/" + table.id, table.token).status, 200);
  EXPECT_EQ(third.await_serving().get("/v1/tables/" + table.id, table.token).status, 401);
}

TEST_F(Serve, TakesTokensOfItsOldSecret) {
  std::string const old_secret(32, 'o');
  std::string const new_secret(32, 'n');
  auto with = [&](ScratchDirectory const &directory, std::vector<std::string> more) {
    auto chosen = options();
    chosen.run_dir = directory.path();
    chosen.more = std::move(more);
    return chosen;
  };
  ScratchDirectory second_directory;
  ServeProcess first(with(directory_, {"--secret=" + old_secret}));
  ServeProcess second(with(second_directory, {"--secret=" + new_secret, "--old-secret=" + old_secret}));
  auto const of_old = make_table(first.await_serving());
  auto const of_new = make_table(second.await_serving());

  EXPECT_EQ(second.get("/v1/tables/" + of_old.id, of_old.token).status, 200);
  EXPECT_EQ(second.get("/v1/tables/" + of_new.id, of_new.token).status, 200);
  EXPECT_EQ(first.get("/v1/tables/" + of_new.id, of_new.token).status, 401);
}

TEST_F(Serve, WaitsForPostgresAtBoot) {
  auto &servers = PrivateServers::shared();
  servers.stop_postgres(PrivateServers::Stop::fast);
  ServeProcess server(options());
  server.await_line("waiting for PostgreSQL");

  EXPECT_EQ(server.admin("/healthz").status, 200);
  auto const waiting = server.admin("/readyz");
  EXPECT_EQ(waiting.status, 503);
  EXPECT_EQ(status_of(waiting), "starting");
  servers.start_postgres();
  server.await_serving();
  EXPECT_EQ(server.admin("/readyz").status, 200);
}

TEST_F(Serve, EndsCleanlyWhileItWaitsForPostgres) {
  auto &servers = PrivateServers::shared();
  servers.stop_postgres(PrivateServers::Stop::fast);
  ServeProcess server(options());
  server.await_line("waiting for PostgreSQL");

  EXPECT_EQ(server.terminate(), 0) << server.output();
  servers.start_postgres();
}

TEST_F(Serve, RefusesASchemaThatIsNotMigrated) {
  auto chosen = options();
  chosen.database_url = PrivateServers::shared().fresh_database();
  ServeProcess server(chosen);

  EXPECT_EQ(server.wait(), 1);
  EXPECT_NO_THROW(server.await_line("run tableforge migrate first"));
}

TEST_F(Serve, StaysReadyButDegradedWithoutPostgres) {
  auto &servers = PrivateServers::shared();
  ServeProcess server(options());
  server.await_serving();
  auto const table = make_table(server);

  servers.stop_postgres(PrivateServers::Stop::immediate);
  server.await_line("PostgreSQL does not answer");

  auto const readyz = server.admin("/readyz");
  EXPECT_EQ(readyz.status, 200);
  EXPECT_EQ(Json::parse(readyz.body).at("postgres"), "down");
  EXPECT_EQ(Json::parse(readyz.body).at("degraded"), true);
  EXPECT_EQ(server.get("/v1/tables/" + table.id, table.token).status, 200) << "a table that is open stays readable";
  auto const refused = server.post("/v1/players", "", R"({"name":"Bob"})");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(Json::parse(refused.body).at("error").at("code"), "storage_unavailable");
  EXPECT_EQ(refused.headers.count("retry-after"), 1U);

  servers.start_postgres();
  server.await_line("PostgreSQL answers again");
  EXPECT_EQ(Json::parse(server.admin("/readyz").body).at("degraded"), false);
  EXPECT_EQ(server.post("/v1/players", "", R"({"name":"Bob"})").status, 201);
}

TEST_F(Serve, IsNotReadyWhileItDrainsAndEndsAtOnceOnASecondSignal) {
  auto &servers = PrivateServers::shared();
  ServeProcess server(options());
  server.await_serving();
  auto const table = make_table(server);
  auto const admin_port = server.admin_port();
  servers.stop_postgres(PrivateServers::Stop::immediate);
  server.await_line("PostgreSQL does not answer");
  // A founding that cannot be committed now is what the shutdown has to wait for.
  auto founding = std::async(std::launch::async, [&] {
    return server.post("/v1/tables", table.token, R"({"name":"Late","system":"blank","visibility":"public"})");
  });
  server.await_line("the journal does not reach PostgreSQL");
  server.signal(SIGTERM);
  server.await_line("shutting down");

  auto const readyz = ask(admin_port, "GET", "/readyz");
  EXPECT_EQ(readyz.status, 503);
  EXPECT_EQ(status_of(readyz), "draining");
  server.signal(SIGINT);
  EXPECT_EQ(server.wait(), 130) << server.output();
  // The connection died with the server.
  EXPECT_ANY_THROW(founding.get());
  servers.start_postgres();
}

TEST_F(Serve, GoesOnServingUntilTheBalancerHasNoticed) {
  auto chosen = options();
  chosen.more = {"--drain-delay=2s"};
  ServeProcess server(chosen);
  server.await_serving();
  auto const began = std::chrono::steady_clock::now();
  server.signal(SIGTERM);
  server.await_line("shutting down");

  EXPECT_EQ(server.admin("/readyz").status, 503);
  EXPECT_EQ(server.get("/v1/systems").status, 200);
  EXPECT_EQ(server.wait(), 0);
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
}

TEST_F(Serve, EndsWithinItsDeadlineAlthoughNothingCanBeCommitted) {
  auto &servers = PrivateServers::shared();
  auto chosen = options();
  chosen.more = {"--shutdown-deadline=2s"};
  ServeProcess server(chosen);
  server.await_serving();
  auto const table = make_table(server);
  servers.stop_postgres(PrivateServers::Stop::immediate);
  // Several, so that some are founded on another shard than the one that took the request.
  std::vector<std::future<Answer>> foundings;
  for (int i = 0; i < 6; ++i) {
    foundings.push_back(std::async(std::launch::async, [&] {
      return server.post("/v1/tables", table.token, R"({"name":"Late","system":"blank","visibility":"public"})");
    }));
  }
  server.await_line("the journal does not reach PostgreSQL");

  EXPECT_EQ(server.terminate(), 0) << server.output();
  EXPECT_THAT(server.output(), HasSubstr("the shutdown is complete"));
  for (auto &founding : foundings) {
    try {
      EXPECT_EQ(founding.get().status, 503);
    } catch (std::exception const &) {
      // One that had not been accepted yet when the listener closed.
    }
  }
  servers.start_postgres();
}

TEST_F(Serve, ReportsRedisAndDoesNotNeedIt) {
  auto &servers = PrivateServers::shared();
  auto chosen = options();
  chosen.redis_url = servers.redis_url();
  ServeProcess server(chosen);
  server.await_serving();
  auto const redis_says = [&](std::string const &wanted) {
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    Json last;
    do {
      last = Json::parse(server.admin("/readyz").body);
    } while (last.at("redis") != wanted && std::chrono::steady_clock::now() < deadline);
    return last;
  };

  EXPECT_EQ(redis_says("up").at("degraded"), false);
  servers.kill_redis();
  Json const without = redis_says("down");
  EXPECT_EQ(without.at("redis"), "down");
  EXPECT_EQ(without.at("degraded"), true);
  EXPECT_EQ(without.at("status"), "ready");
  EXPECT_FALSE(make_table(server).id.empty());
  servers.start_redis();
  EXPECT_EQ(redis_says("up").at("redis"), "up");
}

TEST_F(Serve, NamesAPortThatIsTaken) {
  ServeProcess first(options());
  first.await_serving();
  ScratchDirectory second_directory;
  auto chosen = options();
  chosen.run_dir = second_directory.path();
  chosen.more = {"--port=" + std::to_string(first.port())};
  ServeProcess second(chosen);

  EXPECT_EQ(second.wait(), 1);
  EXPECT_NO_THROW(second.await_line("--port " + std::to_string(first.port())));
}

TEST(CommandLine, ReportsEveryMistakeAtOnce) {
  auto const finished = run({TABLEFORGE_BINARY, "serve", "--io-threads=0", "--log-level=loud"});

  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.output, HasSubstr("--io-threads: "));
  EXPECT_THAT(finished.output, HasSubstr("--log-level: "));
  EXPECT_THAT(finished.output, HasSubstr("--database-url: is required"));
}

TEST(CommandLine, TellsItsVersionAndItsUse) {
  EXPECT_EQ(run({TABLEFORGE_BINARY, "--version"}).exit_code, 0);
  EXPECT_THAT(run({TABLEFORGE_BINARY, "--version"}).output, testing::StartsWith("tableforge "));
  auto const help = run({TABLEFORGE_BINARY, "--help"});
  EXPECT_EQ(help.exit_code, 0);
  for (auto const *command : {"serve", "migrate", "replay", "doctor"}) EXPECT_THAT(help.output, HasSubstr(command));
  EXPECT_EQ(run({TABLEFORGE_BINARY}).exit_code, 2);
  EXPECT_EQ(run({TABLEFORGE_BINARY, "dance"}).exit_code, 2);
}

TEST(CommandLine, MigratesOnceAndSaysWhatItDid) {
  std::string const url = PrivateServers::shared().fresh_database();

  auto const first = run({TABLEFORGE_BINARY, "migrate", "--database-url", url});
  auto const second = run({TABLEFORGE_BINARY, "migrate", "--database-url", url});

  EXPECT_EQ(first.exit_code, 0);
  EXPECT_THAT(first.output, HasSubstr("applied 0001_journal\n"));
  EXPECT_EQ(second.exit_code, 0);
  EXPECT_THAT(second.output, HasSubstr("nothing to do\n"));
}

TEST(CommandLine, TellsAJobWhatThereIsToMigrate) {
  std::string const url = PrivateServers::shared().fresh_database();
  ScratchDirectory directory;
  auto const file = (directory.path() / "url").string();
  std::ofstream(file) << url << '\n';
  auto const migrate = [&](std::vector<std::string> more) {
    std::vector<std::string> command{TABLEFORGE_BINARY, "migrate", "--database-url-file", file};
    command.insert(command.end(), more.begin(), more.end());
    return run(command);
  };

  EXPECT_EQ(migrate({"--check"}).exit_code, 3);
  EXPECT_EQ(migrate({}).exit_code, 0);
  EXPECT_EQ(migrate({"--check"}).exit_code, 0);
  EXPECT_EQ(run({"psql", "-q", "-d", url, "-c", "insert into schema_version values (9999, 'later')"}).exit_code, 0);
  EXPECT_EQ(migrate({"--check"}).exit_code, 4);
  EXPECT_EQ(migrate({}).exit_code, 1);
  EXPECT_EQ(run({TABLEFORGE_BINARY, "migrate", "--check", "--database-url=postgresql://127.0.0.1:1/x"}).exit_code, 1);
  EXPECT_EQ(run({TABLEFORGE_BINARY, "migrate", "--check"}).exit_code, 2);
}

TEST(CommandLine, HasAllItsSettingsInTheManual) {
  auto const checked = run({"python3", TABLEFORGE_SOURCE_DIR "/scripts/settings-page", TABLEFORGE_BINARY, "--check"});
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
}

TEST(CommandLine, DoctorFindsWhatIsBroken) {
  auto &servers = PrivateServers::shared();
  ScratchDirectory directory;
  auto const examine = [&](std::string const &url) {
    return run({TABLEFORGE_BINARY, "doctor", "--database-url=" + url, "--redis-url=" + servers.redis_url(),
                "--run-dir=" + directory.path().string()});
  };

  auto const healthy = examine(migrated_database());
  EXPECT_EQ(healthy.exit_code, 0) << healthy.output;
  EXPECT_THAT(healthy.output, HasSubstr("ok      postgresql"));
  EXPECT_THAT(healthy.output, HasSubstr("ok      redis"));
  auto const bare = examine(servers.fresh_database());
  EXPECT_EQ(bare.exit_code, 1);
  EXPECT_THAT(bare.output, HasSubstr("run tableforge migrate"));
  auto const lost = examine("postgresql://nobody@127.0.0.1:1/none");
  EXPECT_EQ(lost.exit_code, 1);
  EXPECT_THAT(lost.output, HasSubstr("BROKEN  postgresql"));
}

}  // namespace
}  // namespace tableforge::test
