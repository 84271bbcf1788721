#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "crash_player.hpp"
#include "shared_table.hpp"

namespace tableforge::test {
namespace {

using namespace std::chrono_literals;

class RelayTest : public SharedTable {};

TEST_F(RelayTest, WhatIsDoneAtOneInstanceIsSeenAtTheOthersInOneOrder) {
  auto &first = serve();
  auto &second = serve();
  auto &third = serve();
  auto const ann = register_at(first, "Ann");
  auto const bob = register_at(second, "Bob");
  auto const cat = register_at(third, "Cat");
  make_table(first, ann);
  auto at_first = joined(first, ann, "a");
  auto at_second = joined(second, bob, "b");
  auto at_third = joined(third, cat, "c");
  ASSERT_TRUE(meet({&first, &second, &third}));

  act(at_first, "a-1", "chat.say", {{"text", "hello"}});
  auto const one = all_until(at_second, "a-1");
  act(at_second, "b-1", "seat.take", {{"seat", "s1"}});
  act(at_second, "b-2", "zone.draw", {{"from", "deck"}, {"count", 1}});
  auto const two = all_until(at_third, "b-2");
  act(at_third, "c-1", "chat.say", {{"text", "well"}});

  auto const seen_by_ann = events_of(all_until(at_first, "c-1"));
  auto seen_by_cat = two;
  std::ranges::copy(all_until(at_third, "c-1"), std::back_inserter(seen_by_cat));
  auto const events_of_cat = events_of(seen_by_cat);
  // Ann has been there longer: what Cat has seen is the end of it.
  ASSERT_GE(events_of_cat.size(), 4U);
  ASSERT_GE(seen_by_ann.size(), events_of_cat.size());
  EXPECT_TRUE(std::equal(events_of_cat.rbegin(), events_of_cat.rbegin() + 4, seen_by_ann.rbegin()));
  expect_equal_states({&first, &second, &third}, ann);
  EXPECT_GT(metric(first, "tableforge_rows_taken_total{source=\"relay\"}"), 0);
  EXPECT_EQ(metric(first, "tableforge_rows_taken_total{source=\"look\"}"), 0);
  EXPECT_EQ(metric(first, "tableforge_relay_undecodable_total"), 0);
}

TEST_F(RelayTest, WithoutRedisOthersLearnByLookingAlsoWhereNobodyIs) {
  auto &first = serve({"--knob=poll_newer_ms=200"}, false);
  auto &second = serve({"--knob=poll_newer_ms=200"}, false);
  auto &third = serve({"--knob=poll_newer_ms=200"}, false);
  auto const ann = register_at(first, "Ann");
  auto const bob = register_at(second, "Bob");
  make_table(first, ann);
  auto at_first = joined(first, ann, "a");
  auto at_second = joined(second, bob, "b");
  state_at(third, ann);  // Opens it there.
  act(at_first, "a-1", "chat.say", {{"text", "slowly"}});
  all_until(at_second, "a-1");
  EXPECT_TRUE(holds_soon([&] { return state_at(third, ann).find("slowly") != std::string::npos; }));
  EXPECT_EQ(metric(first, "tableforge_relay_tables"), 0);
}

TEST_F(RelayTest, AReadWhereNobodyIsIsNoOlderThanOneLook) {
  constexpr auto kLook = 1'000ms;  // As it is by itself.
  constexpr auto kSlack = 1'000ms;
  auto &first = serve({}, false);
  auto &second = serve({}, false);
  auto const ann = register_at(first, "Ann");
  make_table(first, ann);
  auto at_first = joined(first, ann, "a");
  state_at(second, ann);  // From here on it has a copy.
  Clock::duration slowest{0};
  for (int i = 0; i < 5; ++i) {
    auto const text = "news " + std::to_string(i);
    act(at_first, text, "chat.say", {{"text", text}});
    all_until(at_first, text);
    auto const committed_at = Clock::now();
    ASSERT_TRUE(holds_soon([&] { return state_at(second, ann).find(text) != std::string::npos; })) << text;
    slowest = std::max(slowest, Clock::now() - committed_at);
  }
  EXPECT_LT(slowest, kLook + kSlack);
  EXPECT_GE(metric(second, "tableforge_rows_taken_total{source=\"look\"}"), 5);
}

TEST_F(RelayTest, AReadWhereNobodyIsShowsWhatTheRelayTold) {
  // Nor are they greeted meanwhile, which would have the rows read.
  auto &first = serve({kNoLooking, "--knob=relay_greeting_ms=60000"});
  auto &second = serve({kNoLooking, "--knob=relay_greeting_ms=60000"});
  auto const ann = register_at(first, "Ann");
  make_table(first, ann);
  auto at_first = joined(first, ann, "a");
  state_at(second, ann);
  ASSERT_TRUE(meet({&first, &second}));
  act(at_first, "a-1", "chat.say", {{"text", "news"}});
  all_until(at_first, "a-1");
  EXPECT_TRUE(holds_soon([&] { return state_at(second, ann).find("news") != std::string::npos; }));
  EXPECT_EQ(metric(second, "tableforge_rows_taken_total{source=\"look\"}"), 0);
}

TEST_F(RelayTest, ATableThatIsOpenAtOneInstanceTellsNothing) {
  auto &first = serve();
  serve();
  auto const ann = register_at(first, "Ann");
  make_table(first, ann);
  auto at_first = joined(first, ann, "a");
  for (int i = 0; i < 20; ++i) {
    act(at_first, std::to_string(i), "chat.say", {{"text", "alone"}});
    at_first.text({{"op", "presence"}, {"data", {{"cursor", {i, i}}}}});
  }
  all_until(at_first, "19");
  EXPECT_EQ(metric(first, "tableforge_relay_tables"), 1);
  EXPECT_EQ(metric(first, "tableforge_relay_sent_total{kind=\"row\"}"), 0);
  EXPECT_EQ(metric(first, "tableforge_relay_sent_total{kind=\"presence\"}"), 0);
  EXPECT_EQ(metric(first, "tableforge_relay_sent_total{kind=\"greeting\"}"), 1);
}

TEST_F(RelayTest, PresenceCrossesAndSecretsDoNot) {
  auto &first = serve();
  auto &second = serve();
  auto const ann = register_at(first, "Ann");
  auto const bob = register_at(second, "Bob");
  make_table(first, ann);
  auto at_first = joined(first, ann, "a");
  auto bob_there = joined(second, bob, "b");
  auto ann_there = joined(second, ann, "a2");
  ASSERT_TRUE(meet({&first, &second}));
  act(at_first, "a-1", "seat.take", {{"seat", "s1"}});
  act(at_first, "a-2", "zone.draw", {{"from", "deck"}, {"count", 1}});
  auto const drawn = all_until(at_first, "a-2").back();
  std::string const card = drawn.at("data").at("moves").at(0).at("piece");
  all_until(bob_there, "a-2");
  all_until(ann_there, "a-2");

  at_first.text({{"op", "presence"},
                 {"data", {{"cursor", {7, 8}}, {"drag", {{"piece", card}, {"x", 1}, {"y", 2}}}, {"typing", true}}}});
  act(at_first, "a-3", "chat.say", {{"text", "done"}});

  // Presence leaves first or with what follows it, so by the chat it has been seen.
  auto const presence_in = [&](std::vector<Json> const &seen) {
    std::vector<Json> found;
    for (auto const &each : seen) {
      if (each.at("ev") == "presence" && !each.at("data").contains("online")) found.push_back(each.at("data"));
    }
    return found;
  };
  auto const bobs = all_until(bob_there, "a-3");
  auto const anns = all_until(ann_there, "a-3");
  Json without;
  without["cursor"] = {7.0, 8.0};
  without["typing"] = true;
  ASSERT_EQ(presence_in(bobs).size(), 1U);
  EXPECT_EQ(presence_in(bobs)[0], without);
  ASSERT_EQ(presence_in(anns).size(), 1U);
  EXPECT_EQ(presence_in(anns)[0].at("drag").at("piece"), card);
  for (auto const &each : bobs) EXPECT_EQ(each.dump().find(card), std::string::npos) << each;
}

TEST_F(RelayTest, WhoIsOnlineIsKnownEverywhere) {
  auto &first = serve();
  auto &second = serve();
  auto const ann = register_at(first, "Ann");
  auto const bob = register_at(second, "Bob");
  make_table(first, ann);
  auto at_first = joined(first, ann, "a");
  auto bob_there = joined(second, bob, "b");
  ASSERT_TRUE(meet({&first, &second}));
  auto const online = [](Json const &message) { return message.at("data").at("online").get<bool>(); };
  auto const of_bob = at_first.await("presence");
  EXPECT_EQ(of_bob.at("by"), bob.id);
  EXPECT_TRUE(online(of_bob));
  expect_equal_states({&first, &second}, ann);
  EXPECT_TRUE(online_in(Json::parse(state_at(second, bob)).at("state"), ann));

  // A second connection, at the other instance, and the end of the first: nothing that others would hear of.
  {
    auto ann_there = joined(second, ann, "a2");
    EXPECT_TRUE(online_in(welcome_.at("state"), bob));
    at_first.frame(ws::Opcode::close, "");
    EXPECT_TRUE(holds_soon([&] { return metric(first, "tableforge_connections_open") == 0; }));
    EXPECT_TRUE(online_in(Json::parse(state_at(first, ann)).at("state"), ann));
    EXPECT_TRUE(online_in(Json::parse(state_at(first, ann)).at("state"), bob));
    ann_there.frame(ws::Opcode::close, "");
  }
  Json seen;
  do {
    seen = bob_there.await("presence");
  } while (online(seen));
  EXPECT_EQ(seen.at("by"), ann.id);
  EXPECT_TRUE(holds_soon([&] { return !online_in(Json::parse(state_at(first, ann)).at("state"), ann); }));
}

TEST_F(RelayTest, AnInstanceThatIsKilledLeavesNoGhosts) {
  auto &first = serve({kNoLooking, "--knob=relay_greeting_ms=1000"});
  auto &second = serve({kNoLooking, "--knob=relay_greeting_ms=1000"});
  auto const ann = register_at(first, "Ann");
  auto const bob = register_at(second, "Bob");
  make_table(first, ann);
  auto at_first = joined(first, ann, "a");
  auto bob_there = joined(second, bob, "b");
  ASSERT_TRUE(meet({&first, &second}));
  ASSERT_TRUE(holds_soon([&] { return online_in(Json::parse(state_at(second, bob)).at("state"), ann); }));
  auto const heard = [&] { return metric(second, "tableforge_relay_heard_total{kind=\"greeting\"}"); };
  auto const heard_before = heard();
  ASSERT_TRUE(holds_soon([&] { return heard() >= heard_before + 4; }));  // Longer than what forgets one that is silent.
  EXPECT_TRUE(online_in(Json::parse(state_at(second, bob)).at("state"), ann)) << "one that lives is not forgotten";

  first.kill();

  auto const killed_at = Clock::now();
  Json seen;
  do {
    seen = bob_there.await("presence");
  } while (seen.at("by") != ann.id || seen.at("data").at("online") != false);
  EXPECT_LT(Clock::now() - killed_at, 10s);
  EXPECT_FALSE(online_in(Json::parse(state_at(second, bob)).at("state"), ann));
  EXPECT_EQ(metric(second, "tableforge_relay_instances_forgotten_total"), 1);
  EXPECT_EQ(metric(second, "tableforge_relay_tables_shared"), 0);
  act(bob_there, "b-1", "chat.say", {{"text", "still here"}});
  all_until(bob_there, "b-1");
}

TEST_F(RelayTest, AnInstanceThatEndsSaysGoodbyeForItsPeople) {
  auto &first = serve();
  auto &second = serve();
  auto const ann = register_at(first, "Ann");
  auto const bob = register_at(second, "Bob");
  make_table(first, ann);
  auto at_first = joined(first, ann, "a");
  auto bob_there = joined(second, bob, "b");
  ASSERT_TRUE(meet({&first, &second}));
  first.signal(SIGTERM);
  at_first.await_close();
  EXPECT_EQ(first.wait(), 0) << first.output();
  Json seen;
  do {
    seen = bob_there.await("presence");
  } while (seen.at("by") != ann.id || seen.at("data").at("online") != false);
  EXPECT_TRUE(holds_soon([&] { return metric(second, "tableforge_relay_tables_shared") == 0; }));
  EXPECT_EQ(metric(second, "tableforge_relay_instances_forgotten_total"), 0);
}

/// People who talk without pause at one table of several instances.
class RelayHammerTest : public RelayTest {
 protected:
  void begin(std::vector<ServeProcess *> const &instances, int per_instance) {
    instances_ = instances;
    ann_ = register_at(*instances.front(), "Ann");
    make_table(*instances.front(), ann_);
    for (std::size_t i = 0; i < instances.size(); ++i) {
      for (int n = 0; n < per_instance; ++n) {
        auto const name = "p" + std::to_string(i) + "-" + std::to_string(n);
        auto const person = register_at(*instances[i], name);
        players_.push_back(std::make_unique<CrashPlayer>(
            context_, CrashPlayer::Seat{.table = table_, .token = person.token, .client = name}, witnessed_));
        players_.back()->use({.host = "127.0.0.1", .port = instances[i]->port()});
        players_.back()->start();
      }
    }
  }
  [[nodiscard]] std::size_t acknowledged() const {
    std::size_t sum = 0;
    for (auto const &player : players_) sum += player->acknowledged().size();
    return sum;
  }
  void run_until(std::function<bool()> const &reached, char const *what, std::chrono::seconds limit = 120s) {
    auto const deadline = Clock::now() + limit;
    while (!reached()) {
      ASSERT_LT(Clock::now(), deadline) << what;
      context_.run_one_for(50ms);
    }
  }
  void play(std::size_t more) {
    run_until([&, until = acknowledged() + more] { return acknowledged() >= until; }, "play does not go on");
  }
  void finish() {
    for (auto &player : players_) player->hush();
    run_until([&] { return std::ranges::all_of(players_, [](auto const &player) { return player->quiet(); }); },
              "some action never got its answer");
  }
  /// All that was ever seen or acknowledged is what the database holds, once.
  void verify() {
    EXPECT_TRUE(witnessed_.contradictions.empty()) << witnessed_.contradictions.front();
    std::map<Seq, std::string> history;
    std::map<std::string, int> times;
    Seq expected = 1;
    Json next = 1;
    while (!next.is_null()) {
      auto const page = instances_.back()->get(
          "/v1/tables/" + table_ + "/history?limit=200&from=" + std::to_string(next.get<Seq>()), ann_.token);
      ASSERT_EQ(page.status, 200U) << page.body;
      auto const body = Json::parse(page.body);
      for (auto const &event : body.at("events")) {
        ASSERT_EQ(event.at("seq").get<Seq>(), expected++) << "the history has a gap";
        if (event.at("ev") != "chat.said") continue;
        history[event.at("seq")] = event.at("data").at("text");
        ++times[event.at("data").at("text")];
      }
      next = body.at("next");
    }
    EXPECT_EQ(history, witnessed_.texts);
    std::size_t said = 0;
    for (auto const &player : players_) {
      EXPECT_TRUE(player->failures().empty()) << player->failures().front();
      said += player->said();
      EXPECT_EQ(player->acknowledged().size(), player->said());
      for (auto const &[text, seq] : player->acknowledged()) {
        EXPECT_EQ(history[seq], text);
        EXPECT_EQ(times[text], 1) << text;
      }
    }
    EXPECT_EQ(times.size(), said);
    expect_equal_states(instances_, ann_);
  }
  void stop() {
    for (auto &player : players_) player->stop();
    context_.run_for(100ms);
  }
  double sum(std::string const &name) const {
    double all = 0;
    for (auto const *each : instances_) all += metric(*each, name);
    return all;
  }

  std::vector<ServeProcess *> instances_;
  Person ann_;
  Witnessed witnessed_;
  boost::asio::io_context context_;
  std::vector<std::unique_ptr<CrashPlayer>> players_;
};

TEST_F(RelayHammerTest, NothingIsLostOrDoubledWhenThreeInstancesHammerOneTable) {
  auto &first = serve();
  auto &second = serve();
  auto &third = serve();
  begin({&first, &second, &third}, 2);
  play(900);
  finish();
  verify();
  std::printf("rows taken in: %.0f by the relay, %.0f by looking; %.0f reloads, %.0f lost appends, %.0f rows unfit\n",
              sum("tableforge_rows_taken_total{source=\"relay\"}"), sum("tableforge_rows_taken_total{source=\"look\"}"),
              sum("tableforge_table_reloads_total"), sum("tableforge_journal_appends_total{outcome=\"lost\"}"),
              sum("tableforge_rows_unfit_total"));
  EXPECT_GT(sum("tableforge_rows_taken_total{source=\"relay\"}"), 0);
  stop();
}

TEST_F(RelayHammerTest, PlayGoesOnWhileRedisIsKilledAndComesBack) {
  // They do not give each other up while Redis is away.
  std::vector<std::string> const knobs{"--knob=poll_newer_ms=1000,relay_greeting_ms=60000"};
  auto &first = serve(knobs);
  auto &second = serve(knobs);
  begin({&first, &second}, 2);
  play(300);
  PrivateServers::shared().kill_redis();
  ASSERT_TRUE(holds_soon([&] { return sum("tableforge_redis_subscribed") == 0; }));
  auto const looked = sum("tableforge_rows_taken_total{source=\"look\"}");
  play(300);
  // What one instance writes last, the other sees by looking.
  for (auto &player : players_) player->hush();
  run_until([&] { return std::ranges::all_of(players_, [](auto const &player) { return player->quiet(); }); },
            "some action never got its answer");
  expect_equal_states(instances_, ann_);
  auto at_first = joined(first, ann_, "a");
  auto at_second = joined(second, ann_, "b");
  auto const said_at = Clock::now();
  act(at_first, "a-1", "chat.say", {{"text", "without Redis"}});
  all_until(at_second, "a-1");
  EXPECT_LT(Clock::now() - said_at, 5s);
  EXPECT_GT(sum("tableforge_rows_taken_total{source=\"look\"}"), looked);

  PrivateServers::shared().start_redis();
  ASSERT_TRUE(holds_soon([&] { return sum("tableforge_redis_subscribed") == 8; }));
  ASSERT_TRUE(holds_soon([&] { return sum("tableforge_redis_connected") == 4; }));
  ASSERT_TRUE(holds_soon([&] { return sum("tableforge_relay_tables_shared") == 2; }));
  auto const relayed = sum("tableforge_rows_taken_total{source=\"relay\"}");
  act(at_first, "a-2", "chat.say", {{"text", "with Redis"}});
  all_until(at_second, "a-2");
  EXPECT_TRUE(holds_soon([&] { return sum("tableforge_rows_taken_total{source=\"relay\"}") > relayed; }));
  run_until([&] { return witnessed_.texts.size() > 0 && witnessed_.texts.rbegin()->second == "with Redis"; },
            "the players do not hear of it");
  expect_equal_states(instances_, ann_);
  EXPECT_TRUE(witnessed_.contradictions.empty());
  for (auto const &player : players_) EXPECT_TRUE(player->failures().empty()) << player->failures().front();
  stop();
}

/// How much later people at another instance hear what people at the same one hear.
TEST_F(RelayTest, ReportsWhatCrossingCosts) {
  auto &first = serve();
  auto &second = serve();
  auto const ann = register_at(first, "Ann");
  auto const bob = register_at(first, "Bob");
  auto const cat = register_at(second, "Cat");
  make_table(first, ann);
  auto at_first = joined(first, ann, "a");
  auto bob_here = joined(first, bob, "b");
  auto cat_there = joined(second, cat, "c");
  ASSERT_TRUE(meet({&first, &second}));

  constexpr int kRounds = 400;
  std::vector<double> here;
  std::vector<double> there;
  for (int i = 0; i < kRounds; ++i) {
    auto const id = "a-" + std::to_string(i);
    auto const said_at = Clock::now();
    auto const since = [&] { return std::chrono::duration<double, std::milli>(Clock::now() - said_at).count(); };
    act(at_first, id, "chat.say", {{"text", "x"}});
    all_until(bob_here, id);
    here.push_back(since());
    all_until(cat_there, id);
    there.push_back(since());
    all_until(at_first, id);
  }
  auto const quantile = [](std::vector<double> values, double q) {
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
  };
  std::printf("delivery at the same instance: p50 %.2f ms, p99 %.2f ms; at another: p50 %.2f ms, p99 %.2f ms\n",
              quantile(here, 0.5), quantile(here, 0.99), quantile(there, 0.5), quantile(there, 0.99));
  RecordProperty("same_p50_us", static_cast<int>(quantile(here, 0.5) * 1'000));
  RecordProperty("same_p99_us", static_cast<int>(quantile(here, 0.99) * 1'000));
  RecordProperty("other_p50_us", static_cast<int>(quantile(there, 0.5) * 1'000));
  RecordProperty("other_p99_us", static_cast<int>(quantile(there, 0.99) * 1'000));
  EXPECT_EQ(metric(second, "tableforge_rows_taken_total{source=\"relay\"}"), static_cast<double>(kRounds));
  // Far from what looking takes, and from what a busy machine may make of a few milliseconds.
  EXPECT_LT(quantile(there, 0.5), 200);
}

}  // namespace
}  // namespace tableforge::test
