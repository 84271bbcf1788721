#include <gtest/gtest.h>

#include "tableforge/table/limits.hpp"

#include "unit/table/game.hpp"

namespace tableforge::table::test {
namespace {

TEST(Seat, IsTakenByWhoAsksFirst) {
  Game game("cards-52");

  auto const taken = game.must_change<SeatTaken>(kIda, seat_take("s3"));

  EXPECT_EQ(taken.player, kIda);
  EXPECT_EQ(game.state().find_seat(SeatId("s3"))->player, kIda);
  EXPECT_EQ(game.refusal(kBob, seat_take("s3")), Reject::conflict);
}

TEST(Seat, MayBeOneOfSeveralOfAPlayer) {
  Game game("chess");
  game.must(kBob, seat_leave("black"));
  game.must(kAnn, seat_take("black"));

  EXPECT_TRUE(game.state().holds(kAnn, SeatId("white")));
  EXPECT_TRUE(game.state().holds(kAnn, SeatId("black")));
}

TEST(Seat, IsFreeOnceLeft) {
  Game game("cards-52");

  auto const left = game.must_change<SeatLeft>(kAnn, seat_leave("s1"));

  EXPECT_EQ(left.player, kAnn);
  EXPECT_FALSE(game.state().seated(kAnn));
  EXPECT_EQ(game.refusal(kIda, seat_take("s1")), std::nullopt);
}

TEST(Seat, UnknownOnesAreNotFound) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kAnn, seat_take("s9")), Reject::not_found);
  EXPECT_EQ(game.refusal(kAnn, seat_leave("s9")), Reject::not_found);
  EXPECT_EQ(game.refusal(kGm, seat_assign("s9", kAnn)), Reject::not_found);
}

TEST(Seat, AssigningReplacesWhoSitsThere) {
  Game game("cards-52");

  auto const assigned = game.must_change<SeatAssigned>(kGm, seat_assign("s1", kIda));

  EXPECT_EQ(assigned.before, kAnn);
  EXPECT_EQ(assigned.player, kIda);
  EXPECT_TRUE(game.state().holds(kIda, SeatId("s1")));
}

TEST(Seat, AssigningNobodyEmptiesIt) {
  Game game("cards-52");
  game.must(kGm, seat_assign("s1", std::nullopt));

  EXPECT_FALSE(game.state().seated(kAnn));
}

TEST(Seat, IsNotAssignedToASpectatorOrAStranger) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kGm, seat_assign("s3", kSue)), Reject::conflict);
  EXPECT_EQ(game.refusal(kGm, seat_assign("s3", kStranger)), Reject::not_found);
}

TEST(Role, ASpectatorLosesAllSeats) {
  Game game("cards-52");
  game.must(kAnn, seat_take("s3"));

  auto const granted = game.must_change<RoleGranted>(kOwner, role_grant(kAnn, Role::spectator));

  EXPECT_EQ(granted.vacated, (std::vector{SeatId("s1"), SeatId("s3")}));
  EXPECT_FALSE(game.state().seated(kAnn));
  EXPECT_EQ(game.state().role_of(kAnn), Role::spectator);
}

TEST(Role, OtherRolesKeepTheirSeats) {
  Game game("cards-52");
  game.must(kOwner, role_grant(kAnn, Role::gm));

  EXPECT_TRUE(game.state().holds(kAnn, SeatId("s1")));
  EXPECT_EQ(game.state().role_of(kAnn), Role::gm);
}

TEST(Role, IsGrantedOnlyToWhoIsThere) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kOwner, role_grant(kStranger, Role::gm)), Reject::not_found);
}

TEST(Role, TheLastOwnerStays) {
  Game game("cards-52");
  for (auto const role : {Role::spectator, Role::player, Role::gm}) {
    EXPECT_EQ(game.refusal(kOwner, role_grant(kOwner, role)), Reject::conflict);
  }
  EXPECT_EQ(game.refusal(kOwner, role_grant(kOwner, Role::owner)), std::nullopt);

  game.must(kOwner, role_grant(kAnn, Role::owner));
  game.must(kOwner, role_grant(kOwner, Role::player));

  EXPECT_EQ(game.refusal(kAnn, role_grant(kAnn, Role::gm)), Reject::conflict);
}

TEST(Joining, MakesAStrangerAMember) {
  Game game("cards-52");

  game.join(kStranger, "Stu", Role::spectator);

  auto const *player = game.state().find_player(kStranger);
  ASSERT_NE(player, nullptr);
  EXPECT_EQ(player->name, "Stu");
  EXPECT_EQ(player->role, Role::spectator);
}

TEST(Joining, RaisesARoleAndNeverLowersIt) {
  Game game("cards-52");

  EXPECT_EQ(game.refusal(kIda, player_join("Ida", Role::player)), Reject::conflict);
  EXPECT_EQ(game.refusal(kIda, player_join("Ida", Role::spectator)), Reject::conflict);
  game.must(kIda, player_join("Ida", Role::gm));

  EXPECT_EQ(game.state().role_of(kIda), Role::gm);
}

TEST(Joining, EndsWhenTheTableKnowsEnoughPeople) {
  Game game("cards-52");
  for (std::size_t i = game.state().players.size(); i < kPlayersMax; ++i) {
    PlayerId player;
    player.value.bytes[0] = static_cast<std::uint8_t>(1 + i / 256);
    player.value.bytes[1] = static_cast<std::uint8_t>(i % 256);
    game.join(player, "P", Role::spectator);
  }

  EXPECT_EQ(game.refusal(kStranger, player_join("Stu", Role::player)), Reject::full);
  EXPECT_EQ(game.refusal(kIda, player_join("Ida", Role::gm)), std::nullopt);
}

TEST(Configure, ChangesOnlyWhatIsNamed) {
  Game game("chess");
  TableConfigure configure;
  configure.grid = Grid{.size = 2.5, .snap = false};
  game.must(kGm, configure);

  EXPECT_EQ(game.state().grid, (Grid{.size = 2.5, .snap = false}));
  EXPECT_EQ(game.state().name, "Test table");

  game.must(kOwner, name_table("Final"));
  EXPECT_EQ(game.state().name, "Final");
  EXPECT_EQ(game.state().grid.size, 2.5);
}

TEST(Configure, KeepsNamesOnOneLine) {
  Game game("chess");

  EXPECT_EQ(game.refusal(kOwner, name_table("two\nlines")), Reject::bad_request);
  EXPECT_EQ(game.refusal(kOwner, name_table("bell\a")), Reject::bad_request);
}

TEST(Configure, WantsSomethingToChange) {
  Game game("chess");

  EXPECT_EQ(game.refusal(kGm, TableConfigure{}), Reject::bad_request);
}

}  // namespace
}  // namespace tableforge::table::test
