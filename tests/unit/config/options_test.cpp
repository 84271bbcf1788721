#include "config/options.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <CLI/Formatter.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace tableforge::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// An environment variable for the time of one test.
class Variable {
 public:
  Variable(std::string name, std::string const &value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Variable() { ::unsetenv(name_.c_str()); }
  Variable(Variable const &) = delete;
  Variable &operator=(Variable const &) = delete;

 private:
  std::string name_;
};

class OptionsTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tableforge-config-XXXXXX";
    int const descriptor = ::mkstemp(name);
    ASSERT_GE(descriptor, 0);
    ::close(descriptor);
    path_ = name;
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::string file(std::string const &content) {
    std::ofstream(path_) << content;
    return path_;
  }

  static Options::Taken parse(std::vector<std::string> arguments) {
    CLI::App app;
    Options const options(app);
    std::ranges::reverse(arguments);  // CLI11 takes its vectors from the back.
    app.parse(arguments);
    return options.take();
  }
  static Options::Taken parse_good(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--database-url", "postgresql://db"});
    auto taken = parse(std::move(arguments));
    EXPECT_THAT(taken.errors, IsEmpty());
    return taken;
  }

 private:
  std::string path_;
};

TEST_F(OptionsTest, ReadsEveryFlag) {
  auto const taken =
      parse_good({"--listen-address=0.0.0.0", "--port=1", "--admin-address=::1", "--admin-port=2",
                  "--redis-url=redis://r", "--cache-namespace=blue", "--secret=0123456789abcdef0123456789abcdef",
                  "--run-dir=/tmp/x", "--io-threads=3", "--journal-writers=4", "--reader-threads=5",
                  "--log-level=debug", "--log-json", "--allow-fsync-off", "--shutdown-deadline=1500ms"});
  Settings const &settings = taken.settings;
  EXPECT_EQ(settings.listen_address, "0.0.0.0");
  EXPECT_EQ(settings.listen_port, 1);
  EXPECT_EQ(settings.admin_address, "::1");
  EXPECT_EQ(settings.admin_port, 2);
  EXPECT_EQ(settings.database_url, "postgresql://db");
  EXPECT_EQ(settings.redis_url, "redis://r");
  EXPECT_EQ(settings.cache_namespace, "blue");
  EXPECT_EQ(settings.secret, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(settings.run_dir, "/tmp/x");
  EXPECT_EQ(settings.io_threads, 3u);
  EXPECT_EQ(settings.journal_writers, 4u);
  EXPECT_EQ(settings.reader_threads, 5u);
  EXPECT_EQ(settings.log_level, "debug");
  EXPECT_TRUE(settings.log_json);
  EXPECT_TRUE(settings.allow_fsync_off);
  EXPECT_EQ(settings.shutdown_deadline, 1500ms);
}

TEST_F(OptionsTest, PrefersFlagThenEnvironmentThenFile) {
  std::string const path = file("port = 1\nadmin-port = 2\nio-threads = 3\nlog-json = true\n");
  Variable const admin_port("TABLEFORGE_ADMIN_PORT", "20");
  Variable const io_threads("TABLEFORGE_IO_THREADS", "30");
  auto const taken = parse_good({"--config", path, "--io-threads", "300"});
  EXPECT_EQ(taken.settings.listen_port, 1);
  EXPECT_EQ(taken.settings.admin_port, 20);
  EXPECT_EQ(taken.settings.io_threads, 300u);
  EXPECT_TRUE(taken.settings.log_json);
}

TEST_F(OptionsTest, TellsMistakesOfAllSourcesAtOnce) {
  std::string const path = file("port = \"many\"\ncolour = \"red\"\n[section]\nio-threads = 2\n");
  Variable const json("TABLEFORGE_LOG_JSON", "perhaps");
  auto const taken = parse({"--config", path, "--io-threads=-1", "--shutdown-deadline=20", "--colour=red",
                            "--log-level=loud", "--database-url=postgresql://db"});
  EXPECT_THAT(taken.errors,
              ElementsAre(StartsWith("--colour: there is no such flag"), HasSubstr("\"port\" must be a port"),
                          HasSubstr("no setting \"colour\""), HasSubstr("no setting \"section.io-threads\""),
                          StartsWith("--io-threads: must be"), StartsWith("--log-json: must be"),
                          StartsWith("--shutdown-deadline: must be"), StartsWith("--log-level: must be")));
}

TEST_F(OptionsTest, ReadsSecretsFromFiles) {
  std::string const path = file("0123456789abcdef0123456789abcdef\n");
  Variable const variable("TABLEFORGE_ADMIN_TOKEN_FILE", path);
  auto const taken = parse_good({"--secret-file", path});
  EXPECT_EQ(taken.settings.secret, "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(taken.settings.admin_token, "0123456789abcdef0123456789abcdef");
  ASSERT_TRUE(taken.settings.secret_files.contains("secret"));
  EXPECT_GT(taken.settings.secret_files.at("secret").time_since_epoch(), 1'000'000'000s);
}

TEST_F(OptionsTest, PrefersASecretThatIsGivenDirectlyToItsFile) {
  std::string const path = file("0123456789abcdef0123456789abcdef");
  Variable const variable("TABLEFORGE_SECRET", "fedcba9876543210fedcba9876543210");
  EXPECT_EQ(parse_good({"--secret-file", path}).settings.secret, "fedcba9876543210fedcba9876543210");
}

TEST_F(OptionsTest, LeavesASecretOutWhoseFileIsEmpty) {
  auto const taken = parse_good({"--old-secret-file", file("\n")});
  EXPECT_FALSE(taken.settings.old_secret);
  EXPECT_FALSE(taken.settings.secret_files.contains("old-secret"));
}

TEST_F(OptionsTest, RefusesSecretFilesThatAreNone) {
  for (std::string const path : {"/nowhere/secret", "/dev/zero", "/tmp"}) {
    EXPECT_THAT(parse({"--database-url=postgresql://db", "--secret-file", path}).errors,
                ElementsAre(StartsWith("--secret-file: names no file")));
  }
  EXPECT_THAT(parse({"--database-url=postgresql://db", "--secret-file", file(std::string(70'000, 'x'))}).errors,
              ElementsAre(StartsWith("--secret-file: names no file")));
}

TEST_F(OptionsTest, ReadsWhoStandsInFront) {
  auto const taken = parse_good({"--trusted-proxies=10.0.0.0/8,fd00::/8", "--trusted-proxies", "192.0.2.7",
                                 "--proxy-protocol", "--address-connections-max=1", "--address-requests-per-second=2",
                                 "--address-upgrades-per-second=3", "--metrics-token"});
  EXPECT_THAT(taken.settings.trusted_proxies, ElementsAre("10.0.0.0/8", "fd00::/8", "192.0.2.7"));
  EXPECT_TRUE(taken.settings.proxy_protocol);
  EXPECT_EQ(taken.settings.address_connections_max, 1u);
  EXPECT_EQ(taken.settings.address_requests_per_second, 2u);
  EXPECT_EQ(taken.settings.address_upgrades_per_second, 3u);
  EXPECT_TRUE(taken.settings.metrics_token);
}

TEST_F(OptionsTest, RefusesProxiesThatAreNone) {
  for (std::string const wrong : {"10.0.0.0/33", "10.0.0.0/", "everybody", "fd00::/129", "10.0.0.0/8,"}) {
    EXPECT_THAT(parse({"--database-url=postgresql://db", "--trusted-proxies", wrong}).errors,
                ElementsAre(StartsWith("--trusted-proxies: must be")))
        << wrong;
  }
  EXPECT_THAT(parse({"--database-url=postgresql://db", "--proxy-protocol"}).errors,
              ElementsAre(StartsWith("--proxy-protocol: needs")));
}

TEST_F(OptionsTest, TakesOriginsOneByOneAndInAList) {
  auto const taken =
      parse_good({"--allowed-origins", "https://a.example", "--allowed-origins=https://b.example,http://c"});
  EXPECT_THAT(taken.settings.allowed_origins, ElementsAre("https://a.example", "https://b.example", "http://c"));
}

TEST_F(OptionsTest, TakesKnobsOneByOneAndInAList) {
  auto const taken = parse_good({"--knob", "a_per_second=1000", "--knob=b_ms=20,c=0.5"});
  EXPECT_THAT(taken.settings.knobs,
              ElementsAre(std::pair("a_per_second", 1000.0), std::pair("b_ms", 20.0), std::pair("c", 0.5)));
}

TEST_F(OptionsTest, RefusesAKnobWithoutANumber) {
  for (std::string const wrong : {"a", "a=", "=1", "a=fast", "a=1,", "a=1e", "a=nan"}) {
    auto const taken = parse({"--knob", wrong, "--database-url=postgresql://db"});
    EXPECT_THAT(taken.errors, ElementsAre(StartsWith("--knob: must be NAME=VALUE"))) << wrong;
  }
}

TEST_F(OptionsTest, ReportsAFileThatIsNotThere) {
  auto const taken = parse({"--config", "/nonexistent/file", "--database-url=postgresql://db"});
  EXPECT_THAT(taken.errors, ElementsAre(StartsWith("--config: ")));
}

TEST_F(OptionsTest, DoesNotRepeatTheValueOfAnUnknownFlag) {
  auto const taken = parse({"--secrett=hunter2", "--secrettt", "hunter2", "--database-url=postgresql://db"});
  EXPECT_THAT(taken.errors, ElementsAre(StartsWith("--secrett:"), StartsWith("--secrettt:")));
  for (auto const &error : taken.errors) EXPECT_THAT(error, Not(HasSubstr("hunter2")));
}

TEST_F(OptionsTest, TakesTheLastOfARepeatedFlag) {
  EXPECT_EQ(parse_good({"--io-threads=1", "--io-threads=2"}).settings.io_threads, 2u);
}

TEST_F(OptionsTest, WorksOnASubcommand) {
  std::string const path = file("io-threads = 7\ndatabase-url = \"postgresql://db\"\n");
  CLI::App app;
  Options const options(*app.add_subcommand("serve"));
  std::vector<std::string> arguments{path, "--config", "serve"};
  app.parse(arguments);
  auto const taken = options.take();
  EXPECT_THAT(taken.errors, IsEmpty());
  EXPECT_EQ(taken.settings.io_threads, 7u);
}

TEST_F(OptionsTest, ExplainsEachFlagWithItsVariableAndDefault) {
  CLI::App app;
  Options const options(app);
  std::string const help = app.help();
  EXPECT_THAT(help, HasSubstr("--shutdown-deadline DURATION"));
  EXPECT_THAT(help, HasSubstr("20s"));  // How it is set off differs between versions of CLI11.
  EXPECT_THAT(help, HasSubstr("TABLEFORGE_JOURNAL_WRITERS"));
  EXPECT_THAT(help, HasSubstr("--allow-fsync-off"));
}

}  // namespace
}  // namespace tableforge::config
