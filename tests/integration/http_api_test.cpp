#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "support/serve_process.hpp"

namespace tableforge::test {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

struct Player {
  std::string id;
  std::string token;
};

/// The routes of /v1 and of the operators, asked of one real server that all cases share.
class HttpApi : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<ScratchDirectory>();
    server_ = std::make_unique<ServeProcess>(
        ServeProcess::Options{.database_url = migrated_database(), .run_dir = directory_->path()});
    server_->await_serving();
  }
  static void TearDownTestSuite() {
    server_.reset();
    directory_.reset();
  }

  static Answer get(std::string const &target, std::string const &token = {}) { return server_->get(target, token); }
  static Answer post(std::string const &target, std::string const &token, Json const &body) {
    return server_->post(target, token, body.dump());
  }

  static Player player(std::string const &name) {
    Json const made = Json::parse(post("/v1/players", "", {{"name", name}}).body);
    return {.id = made.at("player").at("id"), .token = made.at("token")};
  }
  static std::string table(Player const &owner, std::string const &visibility, std::string const &system = "cards-52") {
    auto const answer =
        post("/v1/tables", owner.token, {{"name", "A table"}, {"system", system}, {"visibility", visibility}});
    EXPECT_EQ(answer.status, 201) << answer.body;
    return Json::parse(answer.body).at("id");
  }
  static std::string invitation(Player const &owner, std::string const &table, std::string const &role, int uses = 1) {
    auto const answer = post("/v1/tables/" + table + "/invitations", owner.token,
                             {{"role", role}, {"uses", uses}, {"expires_in", 3600}});
    EXPECT_EQ(answer.status, 201) << answer.body;
    return Json::parse(answer.body).at("code");
  }
  static std::string role_in(Json const &state, Player const &player) {
    for (auto const &each : state.at("state").at("players")) {
      if (each.at("id") == player.id) return each.at("role");
    }
    return "none";
  }

  static std::unique_ptr<ScratchDirectory> directory_;
  static std::unique_ptr<ServeProcess> server_;
};

std::unique_ptr<ScratchDirectory> HttpApi::directory_;
std::unique_ptr<ServeProcess> HttpApi::server_;

/// "400 bad_request name": status, code, and the field it is about.
std::string refusal(Answer const &answer) {
  Json const error = Json::parse(answer.body).at("error");
  std::string text = std::to_string(answer.status) + " " + error.at("code").get<std::string>();
  if (error.contains("details") && error.at("details").contains("path")) {
    text += " " + error.at("details").at("path").get<std::string>();
  }
  return text;
}

std::string file(std::string const &path) {
  std::ifstream stream(TABLEFORGE_SOURCE_DIR "/" + path);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

TEST_F(HttpApi, RegistersAPlayer) {
  auto const answer = post("/v1/players", "", {{"name", "Ada"}});

  ASSERT_EQ(answer.status, 201) << answer.body;
  Json const made = Json::parse(answer.body);
  EXPECT_EQ(made.at("player").at("name"), "Ada");
  EXPECT_EQ(made.at("player").at("id").get<std::string>().size(), 36);
  EXPECT_FALSE(made.at("token").get<std::string>().empty());
  EXPECT_THAT(made.at("expires_at").get<std::string>(), HasSubstr("T"));
}

TEST_F(HttpApi, RefusesPlayersThatMakeNoSense) {
  EXPECT_EQ(refusal(post("/v1/players", "", Json::object())), "400 bad_request name");
  EXPECT_EQ(refusal(post("/v1/players", "", {{"name", ""}})), "400 bad_request name");
  EXPECT_EQ(refusal(post("/v1/players", "", {{"name", 7}})), "400 bad_request name");
  EXPECT_EQ(refusal(post("/v1/players", "", {{"name", std::string(65, 'x')}})), "400 bad_request name");
  EXPECT_EQ(refusal(post("/v1/players", "", {{"name", std::string("a\0b", 3)}})), "400 bad_request name");
  EXPECT_EQ(refusal(post("/v1/players", "", {{"name", "Ada"}, {"admin", true}})), "400 bad_request admin");
  EXPECT_EQ(refusal(post("/v1/players", "", Json::array())), "400 bad_request");
  EXPECT_EQ(refusal(server_->post("/v1/players", "", "{\"name\":")), "400 bad_request");
  EXPECT_EQ(refusal(server_->post("/v1/players", "", "{\"name\":\"\\ud800\"}")), "400 bad_request");
}

TEST_F(HttpApi, CountsANamesCharactersNotItsBytes) {
  std::string name;
  for (int i = 0; i < 64; ++i) name += "ü";

  EXPECT_EQ(post("/v1/players", "", {{"name", name}}).status, 201);
  EXPECT_EQ(post("/v1/players", "", {{"name", name + "ü"}}).status, 400);
}

TEST_F(HttpApi, RefusesABodyBeyondItsLimit) {
  EXPECT_EQ(refusal(post("/v1/players", "", {{"name", std::string(70'000, 'x')}})), "413 too_large");
}

TEST_F(HttpApi, ListsTheGameSystems) {
  Json const list = Json::parse(get("/v1/systems").body).at("systems");

  std::set<std::string> ids;
  for (auto const &system : list) ids.insert(system.at("id").get<std::string>());
  EXPECT_THAT(ids, UnorderedElementsAre("blank", "cards-52", "chess"));
  auto const chess = std::ranges::find(list, Json("chess"), [](Json const &system) { return system.at("id"); });
  EXPECT_EQ(chess->at("seats"), (Json{{"min", 2}, {"max", 2}, {"default", 2}}));
  EXPECT_EQ(chess->at("version"), 1);
  EXPECT_FALSE(chess->at("description").get<std::string>().empty());
}

TEST_F(HttpApi, MakesTheCallerOwnerOfANewTable) {
  auto const ada = player("Ada");

  auto const answer = post("/v1/tables", ada.token,
                           {{"name", "Thursday"}, {"system", "cards-52"}, {"visibility", "private"}, {"seats", 4}});

  ASSERT_EQ(answer.status, 201) << answer.body;
  Json const made = Json::parse(answer.body);
  EXPECT_EQ(made.at("name"), "Thursday");
  EXPECT_EQ(made.at("system"), "cards-52");
  EXPECT_EQ(made.at("visibility"), "private");
  EXPECT_EQ(made.at("owner"), ada.id);
  std::string const target = "/v1/tables/" + made.at("id").get<std::string>();
  EXPECT_EQ(answer.headers.at("location"), target);
  Json const read = Json::parse(get(target, ada.token).body);
  EXPECT_EQ(read.at("seq"), 1);
  EXPECT_EQ(role_in(read, ada), "owner");
  EXPECT_EQ(read.at("state").at("seats").size(), 4);
  EXPECT_EQ(read.at("state").at("table").at("created_at"), made.at("created_at"));
}

TEST_F(HttpApi, ShowsACountOfWhatNobodyMaySee) {
  auto const ada = player("Ada");
  auto const id = table(ada, "public");

  auto const answer = get("/v1/tables/" + id, ada.token);

  EXPECT_THAT(answer.body, Not(HasSubstr("\"Th\"")));
  Json const zones = Json::parse(answer.body).at("state").at("zones");
  auto const deck = std::ranges::find(zones, Json("deck"), [](Json const &zone) { return zone.at("id"); });
  ASSERT_NE(deck, zones.end());
  EXPECT_EQ(deck->at("count"), 52);
  EXPECT_FALSE(deck->contains("pieces"));
}

TEST_F(HttpApi, RefusesTablesThatMakeNoSense) {
  auto const ada = player("Ada");
  Json const good{{"name", "A"}, {"system", "cards-52"}, {"visibility", "public"}};
  auto const with = [&](std::string const &field, Json const &value) {
    Json body = good;
    body[field] = value;
    return refusal(post("/v1/tables", ada.token, body));
  };
  auto const without = [&](std::string const &field) {
    Json body = good;
    body.erase(field);
    return refusal(post("/v1/tables", ada.token, body));
  };

  EXPECT_EQ(without("name"), "400 bad_request name");
  EXPECT_EQ(without("system"), "400 bad_request system");
  EXPECT_EQ(without("visibility"), "400 bad_request visibility");
  EXPECT_EQ(with("visibility", "secret"), "400 bad_request visibility");
  EXPECT_EQ(with("seats", 0), "400 bad_request seats");
  EXPECT_EQ(with("seats", 13), "400 bad_request seats");
  EXPECT_EQ(with("seats", 2.5), "400 bad_request seats");
  EXPECT_EQ(with("seats", nullptr), "400 bad_request seats");
  EXPECT_EQ(with("seats", 18'446'744'073'709'551'615ULL), "400 bad_request seats");
  EXPECT_EQ(with("colour", "red"), "400 bad_request colour");
  EXPECT_EQ(with("system", "calvinball"), "404 not_found system");
}

TEST_F(HttpApi, HoldsASystemToItsSeats) {
  auto const ada = player("Ada");

  EXPECT_EQ(refusal(post("/v1/tables", ada.token,
                         {{"name", "A"}, {"system", "chess"}, {"visibility", "public"}, {"seats", 3}})),
            "400 bad_request seats");
}

TEST_F(HttpApi, AsksForATokenWhereOneIsNeeded) {
  auto const ada = player("Ada");
  auto const id = table(ada, "public");
  std::string forged = ada.token;
  // Not the last character: of that one a decoder may ignore bits.
  char &middle = forged[forged.size() - 10];
  middle = middle == 'A' ? 'B' : 'A';

  auto const answer = get("/v1/tables/" + id);
  EXPECT_EQ(refusal(answer), "401 unauthorized");
  EXPECT_THAT(answer.headers.at("www-authenticate"), HasSubstr("Bearer"));
  EXPECT_EQ(refusal(get("/v1/tables/" + id, forged)), "401 unauthorized");
  EXPECT_EQ(refusal(get("/v1/tables/" + id, "nonsense")), "401 unauthorized");
  EXPECT_EQ(refusal(get("/v1/tables/" + id + "/history")), "401 unauthorized");
  EXPECT_EQ(refusal(post("/v1/tables", "", {{"name", "A"}})), "401 unauthorized");
  EXPECT_EQ(refusal(post("/v1/tables/" + id + "/invitations", "", Json::object())), "401 unauthorized");
  EXPECT_EQ(refusal(post("/v1/invitations/abc", "", Json::object())), "401 unauthorized");
}

TEST_F(HttpApi, PagesThroughThePublicTablesNewestFirst) {
  auto const ada = player("Ada");
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) made.push_back(table(ada, "public"));
  auto const hidden = table(ada, "private");

  std::vector<std::string> listed;
  std::string after;
  do {
    auto const answer = get("/v1/tables?limit=2" + (after.empty() ? "" : "&after=" + after));
    ASSERT_EQ(answer.status, 200) << answer.body;
    Json const page = Json::parse(answer.body);
    EXPECT_LE(page.at("tables").size(), 2);
    for (auto const &each : page.at("tables")) listed.push_back(each.at("id"));
    after = page.at("next").is_null() ? "" : page.at("next").get<std::string>();
  } while (!after.empty());

  EXPECT_THAT(listed, Not(testing::Contains(hidden)));
  EXPECT_EQ(std::set(listed.begin(), listed.end()).size(), listed.size());
  ASSERT_GE(listed.size(), made.size());
  // Other cases make tables too, but not while this one runs.
  std::vector<std::string> const newest(listed.begin(), listed.begin() + 5);
  std::ranges::reverse(made);
  EXPECT_EQ(newest, made);
}

TEST_F(HttpApi, RefusesParametersThatMakeNoSense) {
  auto const ada = player("Ada");
  auto const history = "/v1/tables/" + table(ada, "public") + "/history";

  EXPECT_EQ(refusal(get("/v1/tables?limit=0")), "400 bad_request limit");
  EXPECT_EQ(refusal(get("/v1/tables?limit=201")), "400 bad_request limit");
  EXPECT_EQ(refusal(get("/v1/tables?limit=ten")), "400 bad_request limit");
  EXPECT_EQ(refusal(get("/v1/tables?after=yesterday")), "400 bad_request after");
  EXPECT_EQ(refusal(get("/v1/tables?colour=red")), "400 bad_request colour");
  EXPECT_EQ(refusal(get(history + "?from=0", ada.token)), "400 bad_request from");
  EXPECT_EQ(refusal(get(history + "?limit=201", ada.token)), "400 bad_request limit");
  EXPECT_EQ(refusal(get(history + "?to=3", ada.token)), "400 bad_request to");
}

TEST_F(HttpApi, HidesAPrivateTableFromStrangers) {
  auto const ada = player("Ada");
  auto const bob = player("Bob");
  auto const id = table(ada, "private");
  std::string const absent = "/v1/tables/00000000-0000-4000-8000-000000000000";
  Json const invitation{{"role", "player"}, {"uses", 1}, {"expires_in", 60}};

  // To the letter what a table that does not exist is answered by.
  EXPECT_EQ(refusal(get("/v1/tables/" + id, bob.token)), "404 not_found");
  EXPECT_EQ(get("/v1/tables/" + id, bob.token).body, get(absent, bob.token).body);
  EXPECT_EQ(get("/v1/tables/" + id + "/history", bob.token).body, get(absent + "/history", bob.token).body);
  EXPECT_EQ(post("/v1/tables/" + id + "/invitations", bob.token, invitation).body,
            post(absent + "/invitations", bob.token, invitation).body);
  EXPECT_EQ(refusal(get("/v1/tables/nonsense", bob.token)), "404 not_found");
}

TEST_F(HttpApi, LetsOnlyGmAndOwnerInvite) {
  auto const ada = player("Ada");
  auto const gm = player("Gil");
  auto const guest = player("Pat");
  auto const id = table(ada, "public");
  post("/v1/invitations/" + invitation(ada, id, "gm"), gm.token, Json::object());
  post("/v1/invitations/" + invitation(ada, id, "player"), guest.token, Json::object());
  Json const body{{"role", "player"}, {"uses", 1}, {"expires_in", 60}};
  std::string const target = "/v1/tables/" + id + "/invitations";

  EXPECT_EQ(post(target, gm.token, body).status, 201);
  EXPECT_EQ(refusal(post(target, guest.token, body)), "403 forbidden");
  EXPECT_EQ(refusal(post(target, player("Stranger").token, body)), "403 forbidden");
}

TEST_F(HttpApi, RefusesInvitationsThatMakeNoSense) {
  auto const ada = player("Ada");
  std::string const target = "/v1/tables/" + table(ada, "public") + "/invitations";
  auto const invite = [&](Json const &role, Json const &uses, Json const &expires_in) {
    return refusal(post(target, ada.token, {{"role", role}, {"uses", uses}, {"expires_in", expires_in}}));
  };

  EXPECT_EQ(invite("owner", 1, 60), "400 bad_request role");
  EXPECT_EQ(invite("king", 1, 60), "400 bad_request role");
  EXPECT_EQ(invite("player", 0, 60), "400 bad_request uses");
  EXPECT_EQ(invite("player", 513, 60), "400 bad_request uses");
  EXPECT_EQ(invite("player", 1, 0), "400 bad_request expires_in");
  EXPECT_EQ(invite("player", 1, 31'536'001), "400 bad_request expires_in");
}

TEST_F(HttpApi, InvitesToAPrivateTable) {
  auto const ada = player("Ada");
  auto const bob = player("Bob");
  auto const id = table(ada, "private");
  auto const answer =
      post("/v1/tables/" + id + "/invitations", ada.token, {{"role", "spectator"}, {"uses", 1}, {"expires_in", 60}});
  auto const url = Json::parse(answer.body).at("url").get<std::string>();

  auto const accepted = server_->post(url, bob.token, "");

  ASSERT_EQ(accepted.status, 200) << accepted.body;
  EXPECT_EQ(Json::parse(accepted.body), (Json{{"table", id}, {"role", "spectator"}}));
  EXPECT_EQ(role_in(Json::parse(get("/v1/tables/" + id, bob.token).body), bob), "spectator");
}

TEST_F(HttpApi, UsesAnInvitationUp) {
  auto const ada = player("Ada");
  auto const bob = player("Bob");
  auto const id = table(ada, "private");
  std::string const target = "/v1/invitations/" + invitation(ada, id, "player", 1);

  EXPECT_EQ(post(target, bob.token, Json::object()).status, 200);
  EXPECT_EQ(post(target, bob.token, Json::object()).status, 200) << "coming again takes no second use";
  EXPECT_EQ(refusal(post(target, player("Eve").token, Json::object())), "404 not_found");
  EXPECT_EQ(refusal(post("/v1/invitations/unheard-of", bob.token, Json::object())), "404 not_found");
  EXPECT_EQ(refusal(post(target, bob.token, {{"role", "gm"}})), "400 bad_request role");
}

TEST_F(HttpApi, RaisesARoleByInvitationAndNeverLowersIt) {
  auto const ada = player("Ada");
  auto const bob = player("Bob");
  auto const id = table(ada, "private");
  auto const accept = [&](std::string const &role, Player const &who) {
    return Json::parse(post("/v1/invitations/" + invitation(ada, id, role), who.token, Json::object()).body).at("role");
  };

  EXPECT_EQ(accept("player", bob), "player");
  EXPECT_EQ(accept("gm", bob), "gm");
  EXPECT_EQ(accept("spectator", bob), "gm");
  EXPECT_EQ(accept("spectator", ada), "owner");
}

TEST_F(HttpApi, TellsTheHistoryOfANewTable) {
  auto const ada = player("Ada");
  auto const id = table(ada, "public");

  Json const page = Json::parse(get("/v1/tables/" + id + "/history", ada.token).body);

  ASSERT_EQ(page.at("events").size(), 1);
  EXPECT_EQ(page.at("events")[0].at("ev"), "table.created");
  EXPECT_EQ(page.at("events")[0].at("seq"), 1);
  EXPECT_TRUE(page.at("next").is_null());
}

TEST_F(HttpApi, PagesThroughAHistory) {
  auto const ada = player("Ada");
  auto const id = table(ada, "private");
  for (int i = 0; i < 3; ++i) {
    post("/v1/invitations/" + invitation(ada, id, "player"), player("Guest").token, Json::object());
  }
  std::string const history = "/v1/tables/" + id + "/history";

  std::vector<int> seqs;
  Json next = 1;
  while (!next.is_null()) {
    Json const page = Json::parse(get(history + "?limit=2&from=" + next.dump(), ada.token).body);
    EXPECT_LE(page.at("events").size(), 2);
    for (auto const &event : page.at("events")) seqs.push_back(event.at("seq"));
    next = page.at("next");
  }
  Json const beyond = Json::parse(get(history + "?from=5", ada.token).body);

  EXPECT_THAT(seqs, ElementsAre(1, 2, 3, 4));
  EXPECT_TRUE(beyond.at("events").empty());
  EXPECT_TRUE(beyond.at("next").is_null());
}

TEST_F(HttpApi, ServesItsOwnDescription) {
  EXPECT_EQ(get("/openapi.json").body, file("docs/openapi.json"));
  EXPECT_EQ(get("/asyncapi.json").body, file("docs/asyncapi.json"));
  EXPECT_THAT(get("/openapi.json").headers.at("content-type"), HasSubstr("application/json"));
}

TEST_F(HttpApi, TellsUnknownPathsFromWrongMethods) {
  EXPECT_EQ(refusal(get("/v1/nothing")), "404 not_found");
  auto const answer = ask(server_->port(), "DELETE", "/v1/tables");
  EXPECT_EQ(answer.status, 405);
  EXPECT_THAT(answer.headers.at("allow"), testing::AllOf(HasSubstr("GET"), HasSubstr("POST")));
}

TEST_F(HttpApi, KeepsOperatorsAndPlayersApart) {
  EXPECT_EQ(get("/metrics").status, 404);
  EXPECT_EQ(get("/readyz").status, 404);
  EXPECT_EQ(refusal(server_->admin("/v1/systems")), "404 not_found");
}

TEST_F(HttpApi, TellsOperatorsThatItLivesAndIsReady) {
  EXPECT_EQ(server_->admin("/healthz").status, 200);
  auto const answer = server_->admin("/readyz");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(Json::parse(answer.body),
            (Json{{"status", "ready"}, {"degraded", false}, {"postgres", "up"}, {"redis", "disabled"}}));
}

TEST_F(HttpApi, CountsWhatItDoes) {
  player("Ada");

  auto const answer = server_->admin("/metrics");

  EXPECT_THAT(answer.headers.at("content-type"), HasSubstr("text/plain"));
  EXPECT_THAT(answer.body, HasSubstr("\ntableforge_http_requests_total{route=\"/v1/players\",status=\"2xx\"} "));
  EXPECT_THAT(answer.body,
              Not(HasSubstr("\ntableforge_http_requests_total{route=\"/v1/players\",status=\"2xx\"} 0\n")));
  EXPECT_THAT(answer.body, Not(HasSubstr("\ntableforge_players_created_total 0\n")));
  EXPECT_THAT(answer.body, HasSubstr("tableforge_knob{name=\"outbox_bytes_max\"} 1048576\n"));
  EXPECT_THAT(answer.body, HasSubstr("route=\"/readyz\""));
}

}  // namespace
}  // namespace tableforge::test
