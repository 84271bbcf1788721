#include "storage/backoff.hpp"

#include <gtest/gtest.h>

namespace tableforge::storage {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToItsLongestAndIsShortenedByChance) {
  Backoff backoff(100ms, 350ms);
  for (auto const full : {100ms, 200ms, 350ms, 350ms}) {
    auto const wait = backoff.next();
    EXPECT_GE(wait, full / 2);
    EXPECT_LE(wait, full);
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), 100ms);
}

}  // namespace
}  // namespace tableforge::storage
