#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "support/serve_process.hpp"

namespace tableforge::test {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

/// "400 bad_request value"
std::string refused(Answer const &answer) {
  auto const error = Json::parse(answer.body).at("error");
  std::string text = std::to_string(answer.status) + " " + error.at("code").get<std::string>();
  if (error.contains("details")) text += " " + error.at("details").at("path").get<std::string>();
  return text;
}

/// What operators turn and begin through the admin listener of the real binary.
class Admin : public testing::Test {
 protected:
  void SetUp() override { server_.await_serving(); }

  Answer ask_admin(std::string const &method, std::string const &target, std::string const &token,
                   std::string const &body = {}) const {
    return ask(server_.admin_port(), method, target, token, body);
  }
  [[nodiscard]] std::string token() const {
    std::string text;
    std::ifstream(directory_.path() / "admin-token") >> text;
    return text;
  }
  [[nodiscard]] Json knob(std::string const &name) const {
    auto const knobs = Json::parse(ask_admin("GET", "/admin/knobs", token()).body);
    for (auto const &each : knobs.at("knobs")) {
      if (each.at("name") == name) return each;
    }
    return nullptr;
  }

  ScratchDirectory directory_;
  ServeProcess server_{{.database_url = migrated_database(), .run_dir = directory_.path()}};
};

TEST_F(Admin, ShowsEveryLiveNumber) {
  auto const answer = ask_admin("GET", "/admin/knobs", token());

  EXPECT_EQ(answer.status, 200);
  auto const outbox = knob("outbox_bytes_max");
  EXPECT_EQ(outbox.at("unit"), "bytes");
  EXPECT_EQ(outbox.at("initial"), 1'048'576);
  EXPECT_EQ(outbox.at("value"), 1'048'576);
  EXPECT_LT(outbox.at("min"), outbox.at("max"));
  EXPECT_FALSE(outbox.at("help").get<std::string>().empty());
}

TEST_F(Admin, TurnsALiveNumber) {
  auto const answer = ask_admin("PUT", "/admin/knobs/replay_events_max", token(), R"({"value":7})");

  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(Json::parse(answer.body).at("value"), 7);
  EXPECT_EQ(knob("replay_events_max").at("value"), 7);
  EXPECT_THAT(server_.admin("/metrics").body, HasSubstr("tableforge_knob{name=\"replay_events_max\"} 7\n"));
  server_.await_line("an operator turned a knob");
}

TEST_F(Admin, RefusesWhatAKnobCannotTake) {
  auto const turn = [&](std::string const &name, std::string const &body) {
    return ask_admin("PUT", "/admin/knobs/" + name, token(), body);
  };

  EXPECT_EQ(refused(turn("nothing", R"({"value":1})")), "404 not_found");
  EXPECT_EQ(refused(turn("replay_events_max", R"({"value":-1})")), "400 bad_request value");
  EXPECT_THAT(turn("replay_events_max", R"({"value":-1})").body, HasSubstr("it takes 0 to 65536 events"));
  EXPECT_EQ(refused(turn("replay_events_max", R"({"value":1.5})")), "400 bad_request value");
  EXPECT_EQ(refused(turn("replay_events_max", R"({"value":"7"})")), "400 bad_request value");
  EXPECT_EQ(refused(turn("replay_events_max", R"({})")), "400 bad_request value");
  EXPECT_EQ(refused(turn("replay_events_max", R"({"value":7,"why":"so"})")), "400 bad_request why");
  EXPECT_EQ(turn("replay_events_max", "7").status, 400);
  EXPECT_EQ(knob("replay_events_max").at("value"), knob("replay_events_max").at("initial"));
}

TEST_F(Admin, OpensToTheTokenOnly) {
  std::string wrong = token();
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  for (auto const &given : {std::string(), wrong, token() + "0", token().substr(1)}) {
    EXPECT_EQ(refused(ask_admin("GET", "/admin/knobs", given)), "401 unauthorized");
    EXPECT_EQ(refused(ask_admin("PUT", "/admin/knobs/replay_events_max", given, R"({"value":7})")), "401 unauthorized");
    EXPECT_EQ(refused(ask_admin("POST", "/admin/drain", given)), "401 unauthorized");
  }
  EXPECT_EQ(server_.admin("/readyz").status, 200);
  // Nor is it to be had from where players connect.
  EXPECT_EQ(ask(server_.port(), "GET", "/admin/knobs", token()).status, 404);
}

TEST_F(Admin, KeepsTheTokenToItsUser) {
  struct stat status{};
  ASSERT_EQ(::stat((directory_.path() / "admin-token").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600);
  EXPECT_GE(token().size(), 32U);
}

TEST_F(Admin, DrainsAsSigtermDoes) {
  EXPECT_EQ(ask_admin("POST", "/admin/drain", token()).status, 202);

  server_.await_line("shutting down");
  EXPECT_EQ(server_.wait(), 0) << server_.output();
  EXPECT_THAT(server_.output(), HasSubstr("the shutdown is complete"));
}

TEST(AdminToken, MayBeChosen) {
  ScratchDirectory directory;
  std::string const chosen(32, 'o');
  ServeProcess server({.database_url = migrated_database(),
                       .run_dir = directory.path(),
                       .redis_url = "none",
                       .more = {"--admin-token=" + chosen}});
  server.await_serving();

  EXPECT_EQ(ask(server.admin_port(), "GET", "/admin/knobs", chosen).status, 200);
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "admin-token"));
}

}  // namespace
}  // namespace tableforge::test
