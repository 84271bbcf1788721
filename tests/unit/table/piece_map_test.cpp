#include "tableforge/table/piece_map.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace tableforge::table {
namespace {

/// Ids whose hashes collide often: they differ beyond the bits of an index, and begin in eight places of it.
PieceId colliding(std::uint64_t number) { return PieceId(number << 32 | number % 8 * 31); }

RC_GTEST_PROP(PieceMap, IsAMapWhateverIsDoneToIt, ()) {
  PieceMap<std::string> map;
  std::unordered_map<PieceId, std::string> model;
  auto const steps = *rc::gen::inRange(0, 300);
  for (int step = 0; step < steps; ++step) {
    auto const id = colliding(*rc::gen::inRange<std::uint64_t>(0, 40));
    auto const other = colliding(*rc::gen::inRange<std::uint64_t>(0, 40));
    switch (*rc::gen::inRange(0, 4)) {
      case 0: RC_ASSERT(map.erase(id) == (model.erase(id) == 1)); break;
      case 1:
        if (!model.contains(id) || model.contains(other)) break;
        map.rename(id, other);
        model.emplace(other, std::move(model.extract(id).mapped()));
        break;
      default: {
        auto const value = "piece " + std::to_string(step);
        RC_ASSERT(map.insert(id, value) == model.emplace(id, value).second);
      }
    }
    RC_ASSERT(map.size() == model.size());
    for (std::uint64_t number = 0; number < 40; ++number) {
      auto const *found = map.find(colliding(number));
      auto const expected = model.find(colliding(number));
      RC_ASSERT((found == nullptr) == (expected == model.end()));
      if (found != nullptr) RC_ASSERT(*found == expected->second);
    }
    std::size_t seen = 0;
    for (auto const &[each, value] : map) {
      RC_ASSERT(model.at(each) == value);
      ++seen;
    }
    RC_ASSERT(seen == model.size());
  }
}

TEST(PieceMap, IsEqualWhateverTheOrderOfInsertion) {
  PieceMap<int> forwards;
  PieceMap<int> backwards;
  for (std::uint64_t number = 0; number < 20; ++number) forwards.insert(colliding(number), static_cast<int>(number));
  for (std::uint64_t number = 20; number-- > 0;) backwards.insert(colliding(number), static_cast<int>(number));
  EXPECT_EQ(forwards, backwards);
  *backwards.find(colliding(7)) = 8;
  EXPECT_NE(forwards, backwards);
  *backwards.find(colliding(7)) = 7;
  backwards.rename(colliding(7), colliding(99));
  EXPECT_NE(forwards, backwards);
  backwards.clear();
  EXPECT_TRUE(backwards.empty());
  EXPECT_EQ(backwards.find(colliding(1)), nullptr);
}

}  // namespace
}  // namespace tableforge::table
