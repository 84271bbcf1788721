#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "shared_table.hpp"

namespace tableforge::test {
namespace {

using namespace std::chrono_literals;

/// An instance that goes, and one that stays, with people at the same table of both.
class Drain : public SharedTable {
 protected:
  static constexpr int kPeople = 12;

  void begin(std::string const &deadline) {
    going_ = &serve({kNoLooking, "--admin-token=" + admin_token_, "--shutdown-deadline=" + deadline});
    staying_ = &serve();
    bob_ = register_at(*staying_, "Bob");
    make_table(*staying_, bob_);
    at_staying_.push_back(joined(*staying_, bob_, "b"));
    for (int i = 0; i < kPeople; ++i) {
      people_.push_back(register_at(*going_, "Ann " + std::to_string(i)));
      peers_.push_back(joined(*going_, people_.back(), "a"));
    }
    ASSERT_TRUE(meet({going_, staying_}));
  }
  /// In whatever order they come.
  void expect_goodbyes() {
    std::vector<int> hints;
    for (auto &peer : peers_) {
      auto const goodbye = peer.await("goodbye");
      EXPECT_EQ(goodbye.at("reason"), "restarting");
      hints.push_back(goodbye.at("retry_after_ms"));
      // Before the first of them: a balancer sends nobody here any more.
      auto const readyz = going_->admin("/readyz");
      ASSERT_EQ(readyz.status, 503U);
      EXPECT_THAT(readyz.body, testing::HasSubstr("draining"));
    }
    auto const [least, most] = std::ranges::minmax(hints);
    EXPECT_GE(least, 0);
    EXPECT_LE(most, 3'000);
    // By chance once in ten billion times.
    EXPECT_GT(most - least, 300) << "they would all come back at once";
  }
  void answer_closes() {
    for (auto &peer : peers_) {
      EXPECT_EQ(peer.await_close(), 4000);
      peer.frame(ws::Opcode::close, "\x0f\xa0");
    }
  }
  [[nodiscard]] Peer &bobs() { return at_staying_.front(); }

  std::string const admin_token_ = std::string(32, 'o');
  ServeProcess *going_ = nullptr;
  ServeProcess *staying_ = nullptr;
  Person bob_;
  std::vector<Person> people_;
  std::vector<Peer> peers_;
  std::vector<Peer> at_staying_;
};

TEST_F(Drain, SaysGoodbyeIsNotReadyAndEndsWhenEverybodyHasGone) {
  begin("60s");
  auto const began = Clock::now();
  EXPECT_EQ(ask(going_->admin_port(), "POST", "/admin/drain", admin_token_).status, 202U);
  expect_goodbyes();
  answer_closes();
  EXPECT_EQ(going_->wait(), 0) << going_->output();
  EXPECT_LT(Clock::now() - began, 20s) << "nobody was left to wait for";

  for (auto const &person : people_) {
    EXPECT_TRUE(holds_soon([&] { return !online_in(Json::parse(state_at(*staying_, bob_)).at("state"), person); }))
        << person.id;
  }
  EXPECT_EQ(metric(*staying_, "tableforge_relay_instances_forgotten_total"), 0);
}

TEST_F(Drain, TakesPeopleToAnotherInstanceWithoutALoss) {
  begin("60s");
  auto &peer = peers_.front();
  act(peer, "a-1", "chat.say", {{"text", "before"}});
  auto const seq = all_until(peer, "a-1").back().at("seq");
  going_->signal(SIGTERM);
  expect_goodbyes();

  // While the one that goes still has the others.
  auto &moved = at_staying_.emplace_back(staying_->port());
  moved.upgrade(table_);
  moved.text({{"op", "hello"}, {"token", people_.front().token}, {"client", "a"}, {"resume", {{"seq", seq}}}});
  auto const welcome = moved.await("welcome");
  EXPECT_EQ(welcome.at("mode"), "replay");
  EXPECT_EQ(welcome.at("seq"), seq);
  act(moved, "a-1", "chat.say", {{"text", "before"}});
  EXPECT_EQ(all_until(moved, "a-1").back().at("seq"), seq) << "once, whoever is asked";
  act(moved, "a-2", "chat.say", {{"text", "after"}});
  all_until(bobs(), "a-2");

  answer_closes();
  EXPECT_EQ(going_->wait(), 0) << going_->output();
  ASSERT_TRUE(
      holds_soon([&] { return !online_in(Json::parse(state_at(*staying_, bob_)).at("state"), people_.back()); }));
  EXPECT_TRUE(online_in(Json::parse(state_at(*staying_, bob_)).at("state"), people_.front()));
}

TEST_F(Drain, EndsAtItsDeadlineWhateverIsStillUnderWay) {
  begin("3s");
  auto &servers = PrivateServers::shared();
  servers.stop_postgres(PrivateServers::Stop::immediate);
  going_->await_line("PostgreSQL does not answer");
  act(peers_.front(), "a-1", "chat.say", {{"text", "late"}});
  auto const began = Clock::now();
  going_->signal(SIGTERM);
  expect_goodbyes();
  // Nobody answers the close, and what was said cannot be committed.
  EXPECT_EQ(going_->wait(), 0) << going_->output();
  EXPECT_LT(Clock::now() - began, 3s + 5s);
  for (auto &peer : peers_) EXPECT_EQ(peer.await_close(), 4000);
  servers.start_postgres();
}

}  // namespace
}  // namespace tableforge::test
