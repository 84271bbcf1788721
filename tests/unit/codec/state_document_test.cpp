#include "tableforge/codec/state_document.hpp"

#include <ranges>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/codec/every_change.hpp"
#include "unit/codec/mutations.hpp"

namespace tableforge::codec {
namespace {

using Json = nlohmann::json;

class StateDocument : public testing::Test {
 protected:
  void expect_corrupt(Json const &document) {
    auto const state = decode_state(document.dump());
    ASSERT_FALSE(state.has_value());
    EXPECT_EQ(state.error().code, Errc::corrupt);
  }

  table::test::Game const game = test::game_of_every_change();
  std::string const text = encode_state(game.state());
};

TEST_F(StateDocument, ReadsBackAsItWas) {
  auto const state = decode_state(text);

  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(*state, game.state());
}

TEST_F(StateDocument, ReadsBackWithItsKeysInAnyOrder) {
  auto const state = decode_state(Json::parse(text).dump(1));

  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(*state, game.state());
}

TEST_F(StateDocument, EqualStatesHaveEqualDocuments) {
  auto const state = decode_state(text);
  auto copy = *state;
  std::vector const backwards(copy.pieces.begin(), copy.pieces.end());
  copy.pieces.clear();  // To be filled again in another order.
  for (auto const &[id, piece] : backwards | std::views::reverse) copy.pieces.insert(id, piece);

  EXPECT_EQ(encode_state(copy), text);
}

TEST_F(StateDocument, OfAFreshTableReadsBack) {
  for (auto const *system : {"cards-52", "chess", "blank"}) {
    table::test::Game const fresh(table::test::shipped_system(system), {}, 1);
    EXPECT_EQ(decode_state(encode_state(fresh.state())).value(), fresh.state());
  }
}

TEST_F(StateDocument, IsRefusedWhenItNamesAPieceTwice) {
  auto json = Json::parse(text);
  json.at("pieces").push_back(json.at("pieces").front());

  expect_corrupt(json);
}

TEST_F(StateDocument, IsRefusedWhenCutShort) {
  for (std::size_t length = 0; length < text.size(); length += 1 + length / 32) {
    auto const state = decode_state(std::string_view(text).substr(0, length));
    ASSERT_FALSE(state.has_value()) << length;
    EXPECT_EQ(state.error().code, Errc::corrupt);
  }
}

TEST_F(StateDocument, OfAnotherVersionIsRefused) {
  auto document = Json::parse(text);
  document["v"] = 2;
  expect_corrupt(document);
  document.erase("v");
  expect_corrupt(document);
  document["v"] = "1";
  expect_corrupt(document);
}

TEST_F(StateDocument, WithAPieceOutOfPlaceIsRefused) {
  auto const original = Json::parse(text);

  auto elsewhere = original;
  elsewhere["pieces"][0]["zone"] = "muck";
  expect_corrupt(elsewhere);

  auto missing = original;
  missing["pieces"].erase(0);
  expect_corrupt(missing);

  auto twice = original;
  auto &order = twice["zones"][0]["order"];
  order.push_back(order[0]);
  expect_corrupt(twice);

  auto nowhere = original;
  nowhere["zones"][0]["order"].erase(0);
  expect_corrupt(nowhere);
}

TEST_F(StateDocument, NeverThrowsWhateverIsWrong) {
  table::test::Game small("chess");
  small.must(table::test::kAnn, table::test::whisper({table::test::kBob}, "psst"));
  std::size_t refused = 0;
  std::size_t tried = 0;
  for (auto const &broken : test::with_one_value_wrong(encode_state(small.state()))) {
    ++tried;
    auto const state = decode_state(broken);
    if (state.has_value()) continue;
    ++refused;
    EXPECT_EQ(state.error().code, Errc::corrupt);
  }
  EXPECT_GT(refused * 3, tried * 2) << refused << " of " << tried;
}

}  // namespace
}  // namespace tableforge::codec
