#include "unit/table/client_model.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "unit/table/random_game.hpp"
#include "unit/table/seen.hpp"

/// The events carry enough: who takes nothing but the events, each in the form they get, arrives where a fresh
/// snapshot would put them.
namespace tableforge::table::test {
namespace {

/// Where the first differing part of two documents is, for the message of a failing test.
std::string difference(Json const &mine, Json const &fresh) { return Json::diff(mine, fresh).dump(1); }

/// The same but for the chat: of that a client keeps what it likes, at least what a newcomer would be shown.
void check_same(ClientModel const &client, Json fresh) {
  auto mine = client.state();
  auto const told = fresh.at("chat");
  auto const kept = mine.at("chat");
  RC_ASSERT(kept.size() >= told.size());
  RC_ASSERT(std::equal(told.rbegin(), told.rend(), kept.rbegin()));
  mine["chat"] = fresh["chat"] = Json::array();
  if (mine != fresh) RC_FAIL("what the client has differs from a fresh snapshot by " + difference(mine, fresh));
}

/// Whether the viewer holds other seats now; the server sends them their new view then.
bool changed_seats(State const &before, State const &after, Viewer viewer) {
  auto const seats_of = [&](State const &state) {
    std::vector<SeatId> seats;
    for (auto const &seat : state.seats) {
      if (viewer && seat.player == viewer) seats.push_back(seat.id);
    }
    return seats;
  };
  return seats_of(before) != seats_of(after);
}

std::string name_of(Viewer viewer) { return viewer ? viewer->value.text() : ""; }

RC_GTEST_PROP(ClientModel, ArrivesWhereASnapshotWouldPutIt, ()) {
  auto const script = *any_script(120);
  RandomGame random(script.seated, script.seed, Faces::changing);
  std::map<Viewer, ClientModel> clients;
  for (auto const viewer : random.viewers()) {
    clients.emplace(viewer, ClientModel(name_of(viewer), seen(random.game().state(), viewer)));
  }
  std::size_t turn = 0;
  for (auto const &step : script.steps) {
    auto const before = random.game().state();
    auto const event = random.game().act(random.action_of(step));
    if (!event) continue;
    auto const &after = random.game().state();
    ++turn;
    std::size_t i = 0;
    for (auto &[viewer, client] : clients) {
      client.take(seen(*event, viewer));
      if (changed_seats(before, after, viewer)) client = ClientModel(name_of(viewer), seen(after, viewer));
      // One after each event, so that what differs is found near its cause; all of them at the end.
      if (turn % clients.size() == i++) check_same(client, seen(after, viewer));
    }
  }
  for (auto const &[viewer, client] : clients) check_same(client, seen(random.game().state(), viewer));
}

TEST(ClientModel, StartsFromTheFirstEventTooIfItMust) {
  Game game("cards-52");
  ClientModel client("", seen_data(game.events().front(), kNobody).at("state"));
  for (std::size_t i = 1; i < game.events().size(); ++i) client.take(seen(game.events()[i], kNobody));

  EXPECT_EQ(client.state(), seen(game.state(), kNobody));
}

TEST(ClientModel, FollowsMixedBacksThroughZonesItDoesNotSee) {
  Game game("cards-52");
  ClientModel sue(name_of(kSue), seen(game.state(), kSue));
  auto const follow = [&](PlayerId by, Operation operation) {
    sue.take(seen(game.must(by, std::move(operation)), kSue));
    EXPECT_EQ(sue.state(), seen(game.state(), kSue)) << Json::diff(sue.state(), seen(game.state(), kSue));
  };
  follow(kGm, create({spec("muck", "r1", "red"), spec("muck", "r2", "red")}));
  follow(kAnn, draw("deck", "muck"));
  follow(kAnn, draw("muck", "hand:s1", 1));
  follow(kAnn, draw("muck", "hand:s1", 1));
  follow(kAnn, move(game.top("hand:s1"), "hand:s1", 1));
  follow(kAnn, move(game.top("hand:s1"), "board"));
  follow(kGm, move(game.top("board"), "muck"));
  follow(kGm, remove({game.top("muck")}));
}

}  // namespace
}  // namespace tableforge::table::test
