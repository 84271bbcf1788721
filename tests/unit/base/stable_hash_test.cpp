#include "tableforge/base/stable_hash.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace tableforge {
namespace {

// Computed by another implementation (Python, from the description of FNV-1a and of splitmix64's finaliser). They are
// stored with every action, so they may never change.
TEST(StableHash, IsPinned) {
  EXPECT_EQ(StableHash().value(), 17665956581633026203U);
  EXPECT_EQ(StableHash().add("").value(), 9313164154874788883U);
  EXPECT_EQ(StableHash().add("c-17").value(), 7055936793250318603U);
  EXPECT_EQ(StableHash().add("♥").value(), 5414034199997668591U);
  EXPECT_EQ(StableHash().add(std::uint64_t{1}).value(), 6676229981160887125U);
  EXPECT_EQ(StableHash().add(1.5).value(), 13827164301519923882U);
  EXPECT_EQ(StableHash().add("deck").add(std::numeric_limits<std::uint64_t>::max()).add(-0.5).value(),
            8064265034471163521U);
}

TEST(StableHash, TellsWhereATextEnds) {
  EXPECT_NE(StableHash().add("ab").add("c").value(), StableHash().add("a").add("bc").value());
  EXPECT_NE(StableHash().add("").add("a").value(), StableHash().add("a").add("").value());
}

TEST(StableHash, IsKnownAtCompileTime) { static_assert(StableHash().add("c-17").value() == 7055936793250318603U); }

}  // namespace
}  // namespace tableforge
