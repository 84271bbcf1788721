#pragma once

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "gateway_peer.hpp"
#include "support/holds_soon.hpp"
#include "support/private_servers.hpp"
#include "support/serve_process.hpp"

namespace tableforge::test {

/// People at one table on several instances, with one database and one Redis.
class SharedTable : public testing::Test {
 protected:
  using Json = nlohmann::json;
  using Clock = std::chrono::steady_clock;

  /// No test waits so long: what arrives before has not been found by looking.
  static constexpr char const *kNoLooking = "--knob=poll_newer_ms=60000";

  struct Person {
    std::string token;
    std::string id;
  };

  /// One of the counters or gauges of /metrics; 0 for one that is not there.
  static double metric(ServeProcess const &server, std::string const &name) {
    std::string const text = "\n" + server.admin("/metrics").body;
    auto const at = text.find("\n" + name + " ");
    return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size() + 2));
  }

  ServeProcess &serve(std::vector<std::string> more = {kNoLooking}, bool with_redis = true) {
    directories_.push_back(std::make_unique<ScratchDirectory>());
    more.push_back("--secret=" + std::string(32, 's'));
    more.push_back("--cache-namespace=" + name_space_);
    more.push_back("--io-threads=2");
    more.push_back("--knob=session_actions_per_second=10000,session_actions_burst=10000");
    servers_.push_back(std::make_unique<ServeProcess>(
        ServeProcess::Options{.database_url = database_,
                              .run_dir = directories_.back()->path(),
                              .redis_url = with_redis ? PrivateServers::shared().redis_url() : "none",
                              .more = std::move(more)}));
    auto &server = servers_.back()->await_serving();
    if (!with_redis) return server;
    EXPECT_TRUE(holds_soon([&] { return metric(server, "tableforge_redis_subscribed") == 4; }));
    EXPECT_TRUE(holds_soon([&] { return metric(server, "tableforge_redis_connected") == 2; }));
    return server;
  }

  static Person register_at(ServeProcess const &server, std::string const &name) {
    auto const body = Json::parse(server.post("/v1/players", "", Json{{"name", name}}.dump()).body);
    return {.token = body.at("token"), .id = body.at("player").at("id")};
  }
  void make_table(ServeProcess const &server, Person const &owner) {
    auto const made = server.post("/v1/tables", owner.token,
                                  Json{{"name", "Friday"}, {"system", "cards-52"}, {"visibility", "public"}}.dump());
    ASSERT_EQ(made.status, 201) << made.body;
    table_ = Json::parse(made.body).at("id");
  }
  Peer joined(ServeProcess const &server, Person const &person, std::string const &client) {
    Peer peer(server.port());
    peer.upgrade(table_);
    peer.hello(person.token, client);
    welcome_ = peer.await("welcome");
    return peer;
  }
  static void act(Peer &peer, std::string const &id, std::string const &op, Json data) {
    peer.text({{"op", op}, {"id", id}, {"data", std::move(data)}});
  }
  /// Everything up to the event of that id.
  static std::vector<Json> all_until(Peer &peer, std::string const &id) {
    std::vector<Json> seen;
    for (;;) {
      auto next = peer.message();
      if (next.is_null()) throw std::runtime_error("closed before " + id);
      bool const is_it = next.contains("id") && next.at("id") == id;
      seen.push_back(std::move(next));
      if (is_it) return seen;
    }
  }
  static std::vector<Json> events_of(std::vector<Json> const &messages) {
    std::vector<Json> events;
    std::ranges::copy_if(messages, std::back_inserter(events), [](Json const &each) { return each.contains("at"); });
    return events;
  }
  bool meet(std::vector<ServeProcess *> const &instances) {
    return holds_soon([&] {
      return std::ranges::all_of(instances,
                                 [](auto const *each) { return metric(*each, "tableforge_relay_tables_shared") == 1; });
    });
  }
  std::string state_at(ServeProcess const &server, Person const &viewer) const {
    return server.get("/v1/tables/" + table_, viewer.token).body;
  }
  /// The same state on all of them.
  void expect_equal_states(std::vector<ServeProcess *> const &instances, Person const &viewer) {
    auto const equal = [&] {
      auto const first = state_at(*instances.front(), viewer);
      return std::ranges::all_of(instances, [&](auto const *each) { return state_at(*each, viewer) == first; });
    };
    if (holds_soon(equal)) return;
    for (auto const *each : instances) ADD_FAILURE() << state_at(*each, viewer);
  }
  static bool online_in(Json const &state, Person const &person) {
    for (auto const &each : state.at("players")) {
      if (each.at("id") == person.id) return each.at("online");
    }
    return false;
  }

  std::string database_ = migrated_database();
  std::string name_space_ = "relay-" + std::to_string(Clock::now().time_since_epoch().count());
  std::string table_;
  Json welcome_;
  std::vector<std::unique_ptr<ScratchDirectory>> directories_;
  std::vector<std::unique_ptr<ServeProcess>> servers_;
};

}  // namespace tableforge::test
