#include "tableforge/base/shared_text.hpp"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace tableforge {
namespace {

TEST(SharedText, SharesItsLettersWithItsCopies) {
  SharedText const text(std::string("a client's name"));
  SharedText copy = text;

  EXPECT_EQ(copy.view().data(), text.view().data());
  EXPECT_EQ(copy, text);
  copy = SharedText("another");
  EXPECT_EQ(text.view(), "a client's name");
  EXPECT_EQ(copy.view(), "another");
}

TEST(SharedText, OutlivesTheOneItWasCopiedFrom) {
  SharedText copy;
  {
    SharedText const text("for a while");
    copy = text;
  }
  EXPECT_EQ(copy.view(), "for a while");
  SharedText const moved = std::move(copy);
  EXPECT_EQ(moved.view(), "for a while");
}

TEST(SharedText, IsEqualByItsLetters) {
  EXPECT_EQ(SharedText("x"), SharedText(std::string("x")));
  EXPECT_NE(SharedText("x"), SharedText("y"));
  EXPECT_LT(SharedText("x"), SharedText("y"));
  EXPECT_EQ(std::hash<SharedText>{}(SharedText("x")), std::hash<SharedText>{}(SharedText("x")));
}

TEST(SharedText, OfNothingHoldsNothing) {
  SharedText const nothing("");
  EXPECT_TRUE(nothing.empty());
  EXPECT_EQ(nothing, SharedText());
  EXPECT_EQ(nothing.held_bytes(), 0U);
  EXPECT_EQ(SharedText(std::string(36, 'x')).held_bytes(), 48U);
}

TEST(SharedText, IsSharedBetweenThreads) {
  SharedText const text("held by several");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([copy = text] {
      for (int n = 0; n < 1'000; ++n) EXPECT_EQ(SharedText(copy).size(), 15U);
    });
  }
  threads.clear();
  EXPECT_EQ(text.view(), "held by several");
}

}  // namespace
}  // namespace tableforge
