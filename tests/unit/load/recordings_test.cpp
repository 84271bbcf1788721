#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "load/chess_game.hpp"
#include "load/poker_hand.hpp"
#include "load/trouble.hpp"

namespace tableforge::load {
namespace {

Json small_hand() {
  return Json::parse(R"({"id":7,"players":["Ann","Ben"],"stacks":{"Ann":100,"Ben":100},
    "holes":{"Ann":["Ah","Ad"],"Ben":["Kc","Ks"]},
    "steps":[{"by":"Ann","do":"post","amount":5},{"by":"Ben","do":"raise","to":20},{"by":"Ann","do":"raise","to":50},
             {"by":"Ben","do":"fold"},{"by":"Ann","do":"take_back","amount":30}],
    "board":[],"collected":{"Ann":40}})");
}

std::string reason(Json const &hand) {
  try {
    parse_poker_hand(hand);
  } catch (Trouble const &trouble) {
    return trouble.what();
  }
  return "none";
}

std::filesystem::path written(std::string const &text) {
  auto const file = std::filesystem::temp_directory_path() /
                    ("tableforge-games-" + std::to_string(std::random_device{}()) + ".jsonl");
  std::ofstream(file) << text;
  return file;
}

TEST(PokerHand, TurnsARaiseIntoWhatIsAddedToThisStreet) {
  auto const hand = parse_poker_hand(small_hand());

  EXPECT_EQ(hand.steps[1].amount, 20 * kChip);
  EXPECT_EQ(hand.steps[2].amount, 45 * kChip);
}

TEST(PokerHand, KnowsWhatEverybodyEndsWith) {
  auto const hand = parse_poker_hand(small_hand());

  EXPECT_EQ(hand.final, (std::vector<Chips>{120 * kChip, 80 * kChip}));
}

TEST(PokerHand, KeepsHalfChipsWhole) {
  auto hand = small_hand();
  hand["collected"] = {{"Ann", 20.5}, {"Ben", 19.5}};

  EXPECT_EQ(parse_poker_hand(hand).collected, (std::vector<Chips>{2'050, 1'950}));
}

TEST(PokerHand, RefusesChipsFromNowhere) {
  auto hand = small_hand();
  hand["collected"]["Ann"] = 41;

  EXPECT_EQ(reason(hand), "chips are not conserved");
}

TEST(PokerHand, RefusesACardThatAppearsTwice) {
  auto hand = small_hand();
  hand["holes"]["Ben"] = {"Ah", "Ks"};

  EXPECT_EQ(reason(hand), "Ah appears twice");
}

TEST(PokerHand, RefusesWhatIsNoCard) {
  auto hand = small_hand();
  hand["holes"]["Ben"] = {"1h", "Ks"};

  EXPECT_EQ(reason(hand), "\"1h\" is not a card");
}

TEST(PokerHand, RefusesActingAfterAFold) {
  auto hand = small_hand();
  hand["steps"].push_back({{"by", "Ben"}, {"do", "check"}});

  EXPECT_EQ(reason(hand), "Ben acts after folding");
}

TEST(PokerHand, RefusesAmountsItCannotCount) {
  auto hand = small_hand();
  hand["steps"][0]["amount"] = 0.001;

  EXPECT_EQ(reason(hand), "an amount is finer than a hundredth of a chip");
}

TEST(PokerHand, NamesTheLineOfAnError) {
  auto bad = small_hand();
  bad["collected"]["Ann"] = 1;
  auto const file = written(small_hand().dump() + "\n\n" + bad.dump() + "\n");

  auto const hands = read_poker_hands(file);

  ASSERT_FALSE(hands);
  EXPECT_TRUE(hands.error().ends_with(":3: chips are not conserved")) << hands.error();
  std::filesystem::remove(file);
}

TEST(Placement, WritesTheFenItReads) {
  for (auto const *fen : {"rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR", "r1bqk2r/8/2n5/3Bp3/4n3/5N2/PPPP1PPP/7K"}) {
    EXPECT_EQ(Placement::parse(fen).fen(), fen);
  }
}

TEST(Placement, RefusesWhatIsNoFen) {
  for (auto const *fen : {"", "8/8", "9/8/8/8/8/8/8/8", "8/8/8/8/8/8/8/8/8", "7/8/8/8/8/8/8/8", "8/8/8/8/8/8/8/7Z"}) {
    EXPECT_THROW(Placement::parse(fen), Trouble) << fen;
  }
}

Json small_game() {
  return Json::parse(R"({"white":"Ann","black":"Ben","start":"8/P6k/8/3pP3/8/8/8/R3K3",
    "plies":[{"moves":[["a7","a8"]],"capture":null,"promote":"Q","drop":null},
             {"moves":[["h7","g7"]],"capture":null,"promote":null,"drop":null},
             {"moves":[["e5","d6"]],"capture":"d5","promote":null,"drop":null},
             {"moves":[["g7","f7"]],"capture":null,"promote":null,"drop":null},
             {"moves":[["e1","c1"],["a1","d1"]],"capture":null,"promote":null,"drop":null}],
    "final":"Q7/5k2/3P4/8/8/8/8/2KR4"})");
}

TEST(ChessGame, PlaysCapturesPromotionsAndCastling) {
  auto const game = parse_chess_game(small_game());

  EXPECT_EQ(game.plies.size(), 5u);
  EXPECT_TRUE(game.plies[0].white);
  EXPECT_FALSE(game.plies[1].white);
}

TEST(ChessGame, RefusesPliesThatLeadElsewhere) {
  auto game = small_game();
  game["plies"].erase(4);

  EXPECT_THROW(parse_chess_game(game), Trouble);
}

TEST(ChessGame, RefusesMovingWhatIsNotThere) {
  auto game = small_game();
  game["plies"][1]["moves"][0][0] = "h8";

  EXPECT_THROW(parse_chess_game(game), Trouble);
}

TEST(Recordings, OfTheProjectAreReadable) {
  auto const folder = std::filesystem::path(TABLEFORGE_SOURCE_DIR) / "tests" / "data";

  auto const hands = read_poker_hands(folder / "poker-hands.jsonl");
  auto const games = read_chess_games(folder / "chess-games.jsonl");

  ASSERT_TRUE(hands) << hands.error();
  ASSERT_TRUE(games) << games.error();
  EXPECT_EQ(hands->size(), 3u);
  EXPECT_EQ(games->size(), 2u);
}

TEST(Recordings, OfTheAcceptanceAreReadable) {
  auto const *folder = std::getenv("TABLEFORGE_ACCEPTANCE_DIR");
  if (folder == nullptr) GTEST_SKIP() << "TABLEFORGE_ACCEPTANCE_DIR is not set";

  auto const hands = read_poker_hands(std::filesystem::path(folder) / "poker-hands.jsonl");
  auto const games = read_chess_games(std::filesystem::path(folder) / "chess-games.jsonl");

  ASSERT_TRUE(hands) << hands.error();
  ASSERT_TRUE(games) << games.error();
  EXPECT_EQ(hands->size(), 236u);
  EXPECT_EQ(games->size(), 8u);
}

}  // namespace
}  // namespace tableforge::load
