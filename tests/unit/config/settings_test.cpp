#include "tableforge/config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tableforge::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

Settings good() {
  Settings settings;
  settings.database_url = "postgresql://tableforge@127.0.0.1/tableforge";
  return settings;
}

TEST(Settings, DefaultsNeedOnlyADatabase) {
  EXPECT_THAT(validate(default_settings()), ElementsAre(StartsWith("--database-url")));
  EXPECT_THAT(validate(good()), IsEmpty());
  EXPECT_GE(default_settings().io_threads, 1u);
}

TEST(Settings, TellEveryMistakeAtOnce) {
  Settings settings = good();
  settings.listen_address = "nowhere";
  settings.admin_address = "::1";
  settings.database_url = "mysql://x";
  settings.redis_url = "rediss://x";
  settings.cache_namespace = "a:b";
  settings.secret = "short";
  settings.old_secret = "older";
  settings.allowed_origins = {"https://a.example", "b.example"};
  settings.admin_token = "short too";
  settings.run_dir = "";
  settings.io_threads = 0;
  settings.journal_writers = 65;
  settings.reader_threads = 0;
  settings.log_level = "loud";
  settings.shutdown_deadline = 1ms;
  EXPECT_THAT(validate(settings),
              ElementsAre(StartsWith("--listen-address"), StartsWith("--database-url"), StartsWith("--redis-url"),
                          StartsWith("--cache-namespace"), StartsWith("--secret"), StartsWith("--old-secret"),
                          StartsWith("--allowed-origins"), StartsWith("--admin-token"), StartsWith("--run-dir"),
                          StartsWith("--io-threads"), StartsWith("--journal-writers"), StartsWith("--reader-threads"),
                          StartsWith("--log-level"), StartsWith("--shutdown-deadline")));
}

TEST(Settings, RefuseBothListenersOnOneDoor) {
  Settings settings = good();
  settings.admin_port = settings.listen_port;
  EXPECT_THAT(validate(settings), ElementsAre(StartsWith("--admin-port")));
  settings.admin_address = "127.0.0.2";
  EXPECT_THAT(validate(settings), IsEmpty());
}

TEST(Settings, LetBothListenersTakeAnyFreePort) {
  Settings settings = good();
  settings.listen_port = 0;
  settings.admin_port = 0;
  EXPECT_THAT(validate(settings), IsEmpty());
}

TEST(Settings, TakeBothFormsOfAPostgresAddress) {
  Settings settings = good();
  settings.database_url = "host=/run/postgresql dbname=tableforge";
  EXPECT_THAT(validate(settings), IsEmpty());
}

TEST(Settings, TakeForANamespaceWhatMeansNothingInAKey) {
  Settings settings = good();
  for (auto const &name : {std::string("tableforge"), std::string("Blue-2.eu_west"), std::string(64, 'x')}) {
    settings.cache_namespace = name;
    EXPECT_THAT(validate(settings), IsEmpty()) << name;
  }
  for (auto const &name : {std::string(), std::string("a:b"), std::string("{a}"), std::string("a b"), std::string("ä"),
                           std::string(65, 'x')}) {
    settings.cache_namespace = name;
    EXPECT_THAT(validate(settings), ElementsAre(StartsWith("--cache-namespace"))) << name;
  }
}

TEST(Settings, TakeOriginsAsBrowsersWriteThem) {
  Settings settings = good();
  settings.allowed_origins = {"https://play.example.org", "http://localhost:5173"};
  EXPECT_THAT(validate(settings), IsEmpty());
  for (auto const *origin : {"https://play.example.org/", "https://Play.example.org", "https://*.example.org",
                             "https://", "play.example.org", "", "ws://play.example.org"}) {
    settings.allowed_origins = {origin};
    EXPECT_THAT(validate(settings), ElementsAre(StartsWith("--allowed-origins"))) << origin;
  }
}

TEST(Settings, WantASecretInTheOldOnesPlace) {
  Settings settings = good();
  settings.old_secret = std::string(32, 'o');
  EXPECT_THAT(validate(settings), ElementsAre(StartsWith("--old-secret")));
  settings.secret = std::string(32, 'n');
  EXPECT_THAT(validate(settings), IsEmpty());
}

TEST(Settings, NeverRepeatASecret) {
  Settings settings = good();
  settings.secret = "hunter2";
  settings.old_secret = "hunter2";
  settings.admin_token = "hunter2";
  settings.database_url = "oops:hunter2@db";
  settings.redis_url = "oops:hunter2@redis";
  for (auto const &error : validate(settings)) EXPECT_EQ(error.find("hunter2"), std::string::npos) << error;
}

}  // namespace
}  // namespace tableforge::config
