#include "tableforge/base/check.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tableforge/base/guarded.hpp"
#include "tableforge/base/os_random.hpp"
#include "tableforge/base/result.hpp"

namespace tableforge {
namespace {

TEST(CheckDeathTest, AbortsAndSaysWhichInvariant) {
  int const pieces = 51;

  EXPECT_DEATH(TF_CHECK(pieces == 52), "check_test.cpp:.* invariant broken: pieces == 52");
}

TEST(Check, LetsWhatHoldsPass) {
  int evaluated = 0;
  TF_CHECK(++evaluated == 1);

  EXPECT_EQ(evaluated, 1);
}

TEST(Result, CarriesACodeAndASentence) {
  Result<int> const failed = fail(Errc::timeout, "too late");

  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, Errc::timeout);
  EXPECT_EQ(failed.error().text, "too late");
}

TEST(Errc, HasAWordEach) {
  std::set<std::string_view> words;
  for (int code = 0; code <= static_cast<int>(Errc::cancelled); ++code)
    words.insert(to_string(static_cast<Errc>(code)));

  EXPECT_EQ(words.size(), 10U);
  EXPECT_FALSE(words.contains("unknown"));
}

TEST(Guarded, IsReachedByOneThreadAtATime) {
  Guarded<int> counter(0);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 10'000; ++j) counter.with([](int &value) { ++value; });
      });
    }
  }

  EXPECT_EQ(std::as_const(counter).with([](int const &value) { return value; }), 40'000);
}

TEST(OsRandom, FillsAllOfItAndNeverTheSame) {
  std::array<std::byte, 1'000> one{};
  std::array<std::byte, 1'000> other{};
  os_random(one);
  os_random(other);

  EXPECT_NE(one, other);
  EXPECT_TRUE(std::any_of(one.end() - 16, one.end(), [](std::byte each) { return each != std::byte{}; }));
  os_random({});
}

}  // namespace
}  // namespace tableforge
