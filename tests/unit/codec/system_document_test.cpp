#include "tableforge/codec/system_document.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/codec/mutations.hpp"

namespace tableforge::codec {
namespace {

using Json = nlohmann::json;

std::string shipped(std::filesystem::path const &path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Json valid() {
  return Json::parse(R"({
    "id": "go-fish", "version": 3, "name": "Go Fish", "description": "Cards.",
    "seat_range": {"min": 2, "max": 6, "default": 4},
    "grid": {"size": 1, "snap": false}, "turn_enforced": true,
    "zones": [
      {"id": "pond", "kind": "bag", "visibility": "hidden", "shuffled": true, "take": "all", "touch": "gm"},
      {"id": "hand:{seat}", "kind": "hand", "visibility": "owner", "capacity": 7, "put": "owner"},
      {"id": "sea", "kind": "board", "visibility": "public"}],
    "pieces": [
      {"zone": "pond", "kind": "card", "faces": ["a", "b"], "back": "red", "side": "back"},
      {"zone": "sea", "kind": "tile", "faces": ["c"], "back": "", "x": [1], "y": [2.5]}],
    "counters": [{"id": "books:{seat}", "value": 0}, {"id": "debt", "value": -1, "min": -5}]})");
}

TEST(SystemDocument, ReadsEveryField) {
  auto const system = parse_system(valid().dump());

  ASSERT_TRUE(system.has_value()) << system.error();
  EXPECT_EQ(system->id, SystemId("go-fish"));
  EXPECT_EQ(system->version, 3);
  EXPECT_EQ(system->seat_range->initial, 4);
  EXPECT_FALSE(system->seats.has_value());
  EXPECT_TRUE(system->turn_enforced);
  ASSERT_EQ(system->zones.size(), 3U);
  EXPECT_EQ(system->zones[0].shuffled, true);
  EXPECT_EQ(system->zones[0].touch, table::Right::gm);
  EXPECT_EQ(system->zones[1].capacity, 7);
  EXPECT_EQ(system->zones[1].visibility, table::Visibility::owner);
  ASSERT_EQ(system->pieces.size(), 2U);
  EXPECT_EQ(system->pieces[0].side, table::Side::back);
  EXPECT_EQ(system->pieces[1].y, std::vector{2.5});
  EXPECT_EQ(system->counters[1].min, -5);
}

TEST(SystemDocument, AllThatShipAreValid) {
  std::size_t read = 0;
  for (auto const &entry : std::filesystem::directory_iterator(TABLEFORGE_SOURCE_DIR "/deploy/systems")) {
    auto const system = parse_system(shipped(entry.path()));
    ASSERT_TRUE(system.has_value()) << entry.path() << ": " << system.error();
    EXPECT_EQ(system->id.value, entry.path().stem());
    EXPECT_EQ(system->version, 1);
    EXPECT_FALSE(system->description.empty());
    ++read;
  }
  EXPECT_GE(read, 3U);
}

struct Flaw {
  char const *path;
  char const *value;  ///< JSON; empty: the field is left out.
  char const *sentence;
};

void PrintTo(Flaw const &flaw, std::ostream *out) { *out << flaw.path << " = " << flaw.value; }

class FlawedSystem : public testing::TestWithParam<Flaw> {};

TEST_P(FlawedSystem, IsRefusedWithASentence) {
  auto const &flaw = GetParam();
  auto document = valid();
  Json::json_pointer const at(flaw.path);
  if (*flaw.value == '\0') {
    document[at.parent_pointer()].erase(at.back());
  } else {
    document[at] = Json::parse(flaw.value);
  }

  auto const system = parse_system(document.dump());

  ASSERT_FALSE(system.has_value());
  EXPECT_EQ(system.error(), flaw.sentence);
}

INSTANTIATE_TEST_SUITE_P(
    Flaws, FlawedSystem,
    testing::Values(
        Flaw{"/id", "", "id is missing"}, Flaw{"/id", R"("")", "id is empty"}, Flaw{"/id", "7", "id: expected a text"},
        Flaw{"/version", R"("one")", "version: expected an integer"},
        Flaw{"/version", "1.5", "version: expected an integer"},
        Flaw{"/turn_enforced", "1", "turn_enforced: expected true or false"},
        Flaw{"/grid", "[]", "grid: expected an object"}, Flaw{"/grid/size", R"("1")", "grid: size: expected a number"},
        Flaw{"/zones", "{}", "zones: expected a list"}, Flaw{"/colour", "1", "colour: there is no such field"},
        Flaw{"/zones/0/shufled", "true", "shufled: there is no such field"},
        Flaw{"/grid/Size", "1", "Size: there is no such field"},
        Flaw{"/zones/0/kind", R"("sack")", "zones: kind: unknown word \"sack\""},
        Flaw{"/zones/0/kind", "", "zones: kind is missing"},
        Flaw{"/zones/0/visibility", R"("secret")", "zones: visibility: unknown word \"secret\""},
        Flaw{"/zones/0/take", "7", "zones: take: unknown word 7"},
        Flaw{"/zones/2/id", R"("pond")", "zones: pond stands twice"},
        Flaw{"/zones/0/visibility", R"("owner")", "zones: pond is seen by its owner, so its id needs {seat}"},
        Flaw{"/seats", R"([{"id":"n","name":"N"}])", "give either seats or seat_range"},
        Flaw{"/seat_range", R"({"min":0,"max":6,"default":4})", "seat_range: 1 <= min <= default <= max <= 12"},
        Flaw{"/seat_range", R"({"min":2,"max":13,"default":4})", "seat_range: 1 <= min <= default <= max <= 12"},
        Flaw{"/seat_range", R"({"min":2,"max":6,"default":7})", "seat_range: 1 <= min <= default <= max <= 12"},
        Flaw{"/seat_range", R"({"min":5,"max":6,"default":4})", "seat_range: 1 <= min <= default <= max <= 12"},
        Flaw{"/pieces/0/zone", R"("lake")", "pieces: there is no zone lake"},
        Flaw{"/pieces/1/x", "[1,2]", "pieces: x and y have one number for each face"},
        Flaw{"/pieces/1/y", "[]", "pieces: x and y have one number for each face"},
        Flaw{"/counters/1/id", R"("books:{seat}")", "counters: books:{seat} stands twice"},
        Flaw{"/counters/1/value", "-6", "counters: debt is below its minimum"},
        Flaw{"/counters/0/value", "-1", "counters: books:{seat} is below its minimum"}));

TEST(SystemDocument, NamedSeatsAreOneToTwelveAndDistinct) {
  auto document = valid();
  document.erase("seat_range");
  auto const with = [&](Json seats) {
    document["seats"] = std::move(seats);
    return parse_system(document.dump());
  };

  EXPECT_EQ(with(Json::array()).error(), "seats: 1 to 12 seats");
  auto seats = Json::array();
  for (int i = 0; i < 12; ++i) seats.push_back({{"id", "s" + std::to_string(i)}, {"name", "x"}});
  EXPECT_TRUE(with(seats).has_value());
  seats.push_back({{"id", "s12"}, {"name", "x"}});
  EXPECT_EQ(with(seats).error(), "seats: 1 to 12 seats");
  EXPECT_EQ(with(Json::parse(R"([{"id":"n","name":"N"},{"id":"n","name":"S"}])")).error(), "seats: n stands twice");
}

TEST(SystemDocument, HasNotMorePiecesThanATableHolds) {
  auto document = valid();
  document["pieces"][0]["faces"] = std::vector<std::string>(10'000, "x");
  EXPECT_EQ(parse_system(document.dump()).error(), "pieces: too many");

  document["pieces"][0]["faces"] = std::vector<std::string>(9'999, "x");
  EXPECT_TRUE(parse_system(document.dump()).has_value());

  document["pieces"][0]["faces"] = std::vector<std::string>(900, "x");
  document["pieces"][0]["zone"] = "hand:{seat}";
  EXPECT_EQ(parse_system(document.dump()).error(), "pieces: too many") << "900 at each of twelve seats";
}

TEST(SystemDocument, ThatIsNoJsonIsRefused) {
  for (auto const *text : {"", "{", "nonsense", "[]", "null", "7"}) {
    auto const system = parse_system(text);
    ASSERT_FALSE(system.has_value()) << text;
    EXPECT_FALSE(system.error().empty());
  }
}

TEST(SystemDocument, NeverThrowsWhateverIsWrong) {
  for (auto const &broken : test::with_one_value_wrong(valid().dump())) {
    auto const system = parse_system(broken);
    EXPECT_TRUE(system || !system.error().empty());
  }
}

}  // namespace
}  // namespace tableforge::codec
