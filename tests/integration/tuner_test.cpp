#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tableforge/load/load.hpp"

#include "support/holds_soon.hpp"
#include "support/private_servers.hpp"
#include "support/process.hpp"
#include "support/serve_process.hpp"

namespace tableforge::test {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr char const *kKnob = "cache_lobby_page_ttl_ms";

/// Somebody who reads the lobby's first page without pause, on one connection after the other; servers may come and go.
class Readers {
 public:
  explicit Readers(std::uint16_t port) : thread_([this, port](std::stop_token const &stop) { read(stop, port); }) {}
  [[nodiscard]] std::uint64_t pages() const { return pages_.load(); }

 private:
  void read(std::stop_token const &stop, std::uint16_t port) {
    while (!stop.stop_requested()) {
      int const socket = ::socket(AF_INET, SOCK_STREAM, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(port);
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      timeval const limit{.tv_sec = 2, .tv_usec = 0};
      ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
      if (::connect(socket, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0) {
        // So many on one connection, because each is on one shard.
        for (int i = 0; i < 200 && !stop.stop_requested() && read_page(socket); ++i) ++pages_;
      } else {
        std::this_thread::sleep_for(20ms);
      }
      ::close(socket);
    }
  }
  static bool read_page(int socket) {
    constexpr std::string_view kRequest = "GET /v1/tables HTTP/1.1\r\nHost: x\r\n\r\n";
    if (::send(socket, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) return false;
    std::string answer;
    char buffer[65'536];
    while (true) {
      ssize_t const got = ::recv(socket, buffer, sizeof buffer, 0);
      if (got <= 0) return false;
      answer.append(buffer, static_cast<std::size_t>(got));
      auto const head = answer.find("\r\n\r\n");
      if (head == std::string::npos) continue;
      auto const at = answer.find("ontent-Length: ");
      if (at > head) return false;
      if (answer.size() >= head + 4 + std::stoul(answer.substr(at + 15))) return true;
    }
  }

  std::atomic<std::uint64_t> pages_{0};
  std::jthread thread_;
};

/// The tuner of the real binary, on the real lobby. Its minute lasts half a second here.
class TunerTest : public testing::Test {
 protected:
  ServeProcess &serve(std::string const &mode = "auto", std::vector<std::string> more = {}) {
    server_.reset();
    more.insert(more.begin(), {"--tuner=" + mode, "--tuner-cache-schedule=off", "--tuner-block=500ms", "--io-threads=2",
                               "--knob=cache_lobby_page_ttl_ms=100,cache_lobby_page_audit_every=4",
                               "--knob=cache_lobby_page_early_refresh_beta=0,"
                               "cache_lobby_page_stale_while_revalidate_ms=0"});
    server_ = std::make_unique<ServeProcess>(
        ServeProcess::Options{.database_url = database_, .run_dir = directory_.path(), .more = std::move(more)});
    return server_->await_serving();
  }
  [[nodiscard]] std::string token() const {
    std::string text;
    std::ifstream(directory_.path() / "admin-token") >> text;
    return text;
  }
  Answer admin(std::string const &method, std::string const &target, Json const &body = nullptr) const {
    return ask(server_->admin_port(), method, target, token(), body.is_null() ? std::string() : body.dump());
  }
  [[nodiscard]] Json status() const { return Json::parse(admin("GET", "/admin/tuner").body); }
  [[nodiscard]] Json history() const {
    return Json::parse(admin("GET", "/admin/tuner/history?limit=100").body).at("actions");
  }
  [[nodiscard]] Json knob() const {
    for (auto const &each : status().at("knobs")) {
      if (each.at("name") == kKnob) return each;
    }
    return nullptr;
  }
  [[nodiscard]] double live_value() const {
    auto const knobs = Json::parse(ask(server_->admin_port(), "GET", "/admin/knobs", token()).body);
    for (auto const &each : knobs.at("knobs")) {
      if (each.at("name") == kKnob) return each.at("value");
    }
    return -1;
  }
  [[nodiscard]] bool trying() const { return status().at("domains").at(0).contains("trial"); }
  Json run_slot(bool dry_run) const {
    return Json::parse(admin("POST", "/admin/tuner/run", {{"domain", "cache"}, {"dry_run", dry_run}}).body);
  }
  /// Enough was read and compared that a lifetime is proposed.
  Json await_proposal() const {
    Json report;
    EXPECT_TRUE(holds_soon(
        [&] {
          std::this_thread::sleep_for(200ms);
          report = run_slot(true);
          return report.contains("chosen");
        },
        120s))
        << report.dump(2);
    return report;
  }
  /// A trial that goes on.
  void begin_trial() const {
    await_proposal();
    auto const report = run_slot(false);
    ASSERT_TRUE(report.value("began", false)) << report.dump(2);
    ASSERT_TRUE(trying());
  }
  [[nodiscard]] Finished tuner(std::vector<std::string> arguments) const {
    std::vector<std::string> command{TABLEFORGE_BINARY, "tuner", "--run-dir=" + directory_.path().string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return test::run(command);
  }
  [[nodiscard]] int count(std::string const &where) const {
    pqxx::connection connection(database_);
    pqxx::nontransaction work(connection);
    return work.exec("select count(*) from tuner_action where " + where)[0][0].as<int>();
  }

  ScratchDirectory directory_;
  std::string database_ = migrated_database();
  std::unique_ptr<ServeProcess> server_;
};

TEST_F(TunerTest, ShowsInADryRunWhatItWouldTryAndWhyNothingElse) {
  serve();
  Readers const readers(server_->port());
  auto const report = await_proposal();

  EXPECT_EQ(report.at("chosen").at("changes").at(0).at("knob"), kKnob);
  EXPECT_EQ(report.at("chosen").at("changes").at(0).at("from"), 100);
  // Nothing changes, so longer is better: by a step, or at once by as much as the evidence allows.
  EXPECT_GE(report.at("chosen").at("changes").at(0).at("to"), 150);
  EXPECT_EQ(report.at("chosen").at("kind"), "switchback") << "one page is no cohort";
  EXPECT_GT(report.at("chosen").at("log_ratio").at("n"), 1'000);
  EXPECT_EQ(report.at("idle").size(), 2U);

  auto const printed = tuner({"run", "cache", "--dry-run"});
  EXPECT_EQ(printed.exit_code, 0) << printed.output;
  EXPECT_THAT(printed.output, ContainsRegex("would try: cache_lobby_page_ttl_ms 100 -> [1-9][0-9][0-9]"));
  EXPECT_THAT(printed.output, HasSubstr("guards: p99_ms +2.0 %"));
  EXPECT_THAT(printed.output, HasSubstr("undo: tableforge tuner pin cache_lobby_page_ttl_ms=100"));
  EXPECT_THAT(printed.output, HasSubstr("nothing for cache_table_state_ttl_ms: a table's state is good however old"));
  EXPECT_THAT(printed.output, HasSubstr("nothing for cache_history_page_ttl_ms: nothing of it ever changes"));
  EXPECT_EQ(live_value(), 100);

  auto const sockets = tuner({"run", "websocket", "--dry-run"});
  EXPECT_EQ(sockets.exit_code, 0) << sockets.output;
  EXPECT_THAT(sockets.output, HasSubstr("nothing for presence_batch_messages: too little presence was shown lately"));
  EXPECT_EQ(count("true"), 0) << "a dry run records nothing";
}

TEST_F(TunerTest, TriesByHandAndWritesDownWhatCameOfIt) {
  serve();
  Readers const readers(server_->port());
  begin_trial();
  EXPECT_EQ(count("state = 'trial'"), 1) << "the intent is written before anything is applied";
  EXPECT_EQ(admin("POST", "/admin/tuner/run", {{"domain", "cache"}}).status, 409) << "one at a time";

  // If it is kept, another step may follow at once.
  auto const intent = history().at(0);
  double const tried = intent.at("changes").at(0).at("to");
  Json outcome;
  auto const has_ended = [&] {
    for (auto const &line : history()) {
      if (line.at("id") == intent.at("id") && line.contains("verdict")) outcome = line;
    }
    return !outcome.is_null();
  };
  ASSERT_TRUE(holds_soon(has_ended, 120s)) << status().dump(2);
  EXPECT_TRUE(outcome.at("evidence").at("measured").contains("log_ratio"));
  bool const kept = outcome.at("state") == "kept";
  EXPECT_EQ(live_value(), kept ? tried : 100) << outcome.dump(2);
  std::string const verdict = outcome.at("verdict");
  EXPECT_THAT(server_->admin("/metrics").body,
              HasSubstr("tableforge_tuner_trials_total{domain=\"cache\",verdict=\"" + verdict + "\"} 1\n"));
  // Which verdict depends on how quiet the machine is.
  std::printf("verdict %s, predicted gain %.3f, measured %.3f\n", verdict.c_str(),
              outcome.at("predicted_gain").get<double>(), outcome.value("realised_gain", 0.0));

  // It survives, and with it what was kept.
  EXPECT_EQ(server_->terminate(), 0) << server_->output();
  serve();
  ASSERT_TRUE(holds_soon([&] { return admin("GET", "/admin/tuner").status == 200; }));
  EXPECT_GE(history().size(), 2U);
  EXPECT_EQ(live_value(), kept ? tried : 100);
}

TEST_F(TunerTest, NeverMovesAPinnedKnob) {
  serve();
  Readers const readers(server_->port());
  await_proposal();
  auto const pinned = tuner({"pin", std::string(kKnob) + "=120"});
  EXPECT_EQ(pinned.exit_code, 0) << pinned.output;
  EXPECT_EQ(live_value(), 120);

  auto const report = run_slot(false);
  EXPECT_FALSE(report.contains("chosen")) << report.dump(2);
  EXPECT_THAT(report.at("text").get<std::string>(), HasSubstr("it is pinned to 120"));
  EXPECT_EQ(count("state = 'trial'"), 0);
  EXPECT_EQ(count("state = 'set' and reason = 'pinned'"), 1);

  server_->kill();
  serve();
  ASSERT_TRUE(holds_soon([&] { return admin("GET", "/admin/tuner").status == 200; }));
  EXPECT_EQ(live_value(), 120) << "an operator's word outlives the process";
  EXPECT_EQ(tuner({"unpin", kKnob}).exit_code, 0);
  EXPECT_FALSE(knob().contains("pinned"));
}

TEST_F(TunerTest, TakesATrialBackWhenThePinComesInTheMiddleOfIt) {
  serve();
  Readers const readers(server_->port());
  begin_trial();
  EXPECT_EQ(admin("PUT", std::string("/admin/tuner/pins/") + kKnob, {{"value", 90}}).status, 200);

  EXPECT_FALSE(trying());
  EXPECT_EQ(live_value(), 90);
  EXPECT_EQ(count("state = 'undone' and verdict = 'abandoned'"), 1);
}

TEST_F(TunerTest, LeavesAKnobThatSomebodyTurnsInTheMiddleOfATrial) {
  serve();
  Readers const readers(server_->port());
  begin_trial();
  EXPECT_EQ(admin("PUT", std::string("/admin/knobs/") + kKnob, {{"value", 77}}).status, 200);

  ASSERT_TRUE(holds_soon([&] { return !trying(); }));
  EXPECT_EQ(live_value(), 77);
  EXPECT_EQ(count("reason like '%turned by hand%'"), 1) << history().dump(2);
}

TEST_F(TunerTest, SpoolsItsRecordWhilePostgresIsAway) {
  auto &servers = PrivateServers::shared();
  serve();
  {
    Readers const readers(server_->port());
    begin_trial();
    servers.stop_postgres(PrivateServers::Stop::immediate);
    EXPECT_TRUE(holds_soon([&] { return status().at("spooled_lines") > 0; })) << status().dump(2);
  }
  EXPECT_FALSE(trying()) << "nothing is measured during an outage";
  EXPECT_EQ(live_value(), 100);
  EXPECT_TRUE(std::filesystem::exists(directory_.path() / "tuner-spool"));
  EXPECT_THAT(server_->admin("/metrics").body, Not(HasSubstr("tableforge_tuner_spooled_lines 0\n")));

  servers.start_postgres();
  EXPECT_TRUE(holds_soon([&] { return status().at("spooled_lines") == 0; })) << status().dump(2);
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "tuner-spool"));
  // By whichever was noticed first: that the database is away, or what its absence does to the trial.
  EXPECT_EQ(count("state in ('undone', 'reverted')"), 1) << history().dump(2);
}

TEST_F(TunerTest, UndoesATrialThatItsProcessDiedIn) {
  serve();
  {
    Readers const readers(server_->port());
    begin_trial();
    server_->kill();
  }
  EXPECT_EQ(count("state = 'trial'"), 1);
  EXPECT_EQ(count("state <> 'trial'"), 0) << "nobody was there to say what became of it";

  serve();
  EXPECT_TRUE(holds_soon([&] { return count("state = 'undone' and trigger = 'start'") == 1; })) << history().dump(2);
  EXPECT_EQ(live_value(), 100);
  EXPECT_FALSE(trying());
  EXPECT_FALSE(knob().contains("kept"));
}

TEST_F(TunerTest, TakesUpWhatWasKeptInAutoAndLeavesItAloneOtherwise) {
  serve();
  server_->terminate();
  std::string instance;
  std::ifstream(directory_.path() / "instance") >> instance;
  pqxx::connection connection(database_);
  pqxx::nontransaction(connection)
      .exec("insert into tuner_knob_state (instance, domain, knob, kept, memory) values ('" + instance +
            "', 'cache', '" + kKnob + "', 150, '" +
            R"({"decisions":[1],"down":{"rest":0,"next_rest":1},"up":{"rest":0,"next_rest":1},)"
            R"("frozen_until":"1970-01-01T00:00:00.000000Z","reversals":0})"
            "')");

  serve("auto");
  EXPECT_TRUE(holds_soon([&] { return live_value() == 150; }));
  EXPECT_EQ(knob().at("boot"), 100);
  EXPECT_EQ(tuner({"reset"}).exit_code, 0);
  EXPECT_EQ(live_value(), 100);

  serve("observe");
  ASSERT_TRUE(holds_soon([&] { return admin("GET", "/admin/tuner").status == 200; }));
  EXPECT_EQ(live_value(), 100);
}

TEST_F(TunerTest, GoesBackToTheBootConfiguration) {
  serve();
  EXPECT_TRUE(holds_soon([&] { return tuner({"pin", std::string(kKnob) + "=500"}).exit_code == 0; }));
  EXPECT_EQ(live_value(), 500);
  auto const reset = tuner({"reset"});
  EXPECT_EQ(reset.exit_code, 0) << reset.output;
  EXPECT_THAT(reset.output, HasSubstr("mode observe"));
  EXPECT_EQ(live_value(), 100);
  EXPECT_FALSE(knob().contains("pinned"));
}

TEST_F(TunerTest, ObservesAndTouchesNothingUnlessItIsTold) {
  serve("observe");
  Readers const readers(server_->port());
  auto const report = await_proposal();
  EXPECT_EQ(report.at("mode"), "dry-run");
  EXPECT_FALSE(run_slot(false).contains("chosen"));
  EXPECT_EQ(count("true"), 0);
  pqxx::connection connection(database_);
  pqxx::nontransaction work(connection);
  EXPECT_EQ(
      work.exec("select count(*) from tuner_observation where (cost ->> 'requests')::float > 1000")[0][0].as<int>(), 1);
  EXPECT_EQ(tuner({"mode", "canary"}).exit_code, 0);
  EXPECT_EQ(status().at("mode"), "canary");
}

TEST_F(TunerTest, LooksAtNothingWhenItIsStartedOff) {
  serve("off");
  EXPECT_EQ(status().at("mode"), "off");
  EXPECT_EQ(admin("POST", "/admin/tuner/run", {{"domain", "cache"}}).status, 409);
  auto const refused = tuner({"mode", "auto"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.output, HasSubstr("started with --tuner=off"));
}

TEST_F(TunerTest, RefusesWhatItCannotDo) {
  serve();
  ASSERT_TRUE(holds_soon([&] { return admin("GET", "/admin/tuner").status == 200; }));
  EXPECT_EQ(ask(server_->admin_port(), "GET", "/admin/tuner").status, 401);
  EXPECT_EQ(ask(server_->admin_port(), "POST", "/admin/tuner/reset", "wrong").status, 401);
  EXPECT_EQ(admin("POST", "/admin/tuner/run", {{"domain", "weather"}}).status, 404);
  EXPECT_EQ(admin("POST", "/admin/tuner/run", {{"domain", "cache"}, {"dry", true}}).status, 400);
  EXPECT_EQ(admin("POST", "/admin/tuner/run").status, 400);
  EXPECT_EQ(admin("PUT", "/admin/tuner/mode", {{"mode", "always"}}).status, 400);
  EXPECT_EQ(admin("PUT", "/admin/tuner/pins/nothing", {{"value", 1}}).status, 404);
  EXPECT_EQ(admin("PUT", std::string("/admin/tuner/pins/") + kKnob, {{"value", 1e9}}).status, 400);
  EXPECT_EQ(admin("GET", "/admin/tuner/history?limit=0").status, 400);

  auto const wrong = tuner({"pin", kKnob});
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_THAT(wrong.output, HasSubstr("is not KNOB=VALUE"));
  EXPECT_EQ(tuner({"--help"}).exit_code, 0);
  EXPECT_EQ(tuner({"mode", "always"}).exit_code, 2);
  auto const nobody = tuner({"--admin-port=1", "status"});
  EXPECT_EQ(nobody.exit_code, 1);
  EXPECT_THAT(nobody.output, HasSubstr("no answer from the admin listener at 127.0.0.1:1"));
}

/// A minute of the tuner lasts a second here: a lease ten of ours, and six of calm end a breach.
TEST_F(TunerTest, TurnsAKnobForAWhileWhenCommitsBecomeSlow) {
  serve("auto", {"--tuner-block=1s", "--tuner-websocket-schedule=off", "--knob=latency_objective_ms=150"});
  load::LoadOptions options;
  options.url = server_->ws_url();
  options.tables = 4;
  options.players = 2;
  options.rate = 200;
  options.duration = std::chrono::seconds(16);
  options.progress = false;
  std::jthread const players([&] { static_cast<void>(load::run_load(options)); });
  auto const live_rows = [&] {
    auto const knobs = Json::parse(ask(server_->admin_port(), "GET", "/admin/knobs", token()).body);
    for (auto const &each : knobs.at("knobs")) {
      if (each.at("name") == "journal_overlap_rows") return each.at("value").get<double>();
    }
    return -1.0;
  };
  ASSERT_TRUE(holds_soon([&] {
    return server_->admin("/metrics").body.find("tableforge_release_seconds_count 0\n") == std::string::npos;
  }));
  {
    // Whoever commits waits up to 0.3 s for this one.
    std::jthread const lock([&](std::stop_token const &stop) {
      pqxx::connection connection(database_);
      while (!stop.stop_requested()) {
        pqxx::work work(connection);
        work.exec("lock table commit_row in share mode");
        std::this_thread::sleep_for(300ms);
        work.commit();
        std::this_thread::sleep_for(20ms);
      }
    });
    EXPECT_TRUE(holds_soon([&] { return !status().at("reactive").at("leases").empty(); }, 10s)) << status().dump(2);
    auto const reactive = status().at("reactive");
    EXPECT_TRUE(reactive.at("breached")) << reactive.dump(2);
    EXPECT_THAT(reactive.at("blamed").get<std::string>(), HasSubstr("journal"));
    EXPECT_GT(live_rows(), 64);
    EXPECT_THAT(tuner({"status"}).output, HasSubstr("lease journal_overlap_rows 64 -> "));
  }
  EXPECT_TRUE(holds_soon([&] { return live_rows() == 64; }, 30s)) << status().dump(2);
  EXPECT_TRUE(holds_soon([&] { return status().at("reactive").at("leases").empty(); }, 30s)) << status().dump(2);
  EXPECT_GE(count("domain = 'reactive' and state = 'set' and knob = 'journal_overlap_rows' and trigger = 'alarm'"), 2);
  EXPECT_GE(count("domain = 'reactive' and knob = 'journal_overlap_rows' and reason = 'the lease is over'"), 1);
  EXPECT_THAT(server_->admin("/metrics").body, HasSubstr("tableforge_tuner_leased_knobs 0\n"));
}

TEST_F(TunerTest, TellsEveryMistakeOfItsSettings) {
  auto const finished = test::run({TABLEFORGE_BINARY, "serve", "--database-url=" + database_, "--tuner=always",
                                   "--tuner-cache-schedule=61 * * * *", "--tuner-memory-schedule=never",
                                   "--tuner-weight=speed=1", "--tuner-block=1ms"});
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.output, HasSubstr("--tuner: must be off, observe, dry-run, canary or auto"));
  EXPECT_THAT(finished.output, HasSubstr("--tuner-cache-schedule: minute: '61' is not within 0-59"));
  EXPECT_THAT(finished.output, HasSubstr("--tuner-memory-schedule: "));
  EXPECT_THAT(finished.output, HasSubstr("--tuner-weight: there is no price \"speed\""));
  EXPECT_THAT(finished.output, HasSubstr("--tuner-block: must lie between 100ms and 60m"));
}

}  // namespace
}  // namespace tableforge::test
