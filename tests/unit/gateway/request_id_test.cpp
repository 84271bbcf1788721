#include "gateway/request_id.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tableforge::gateway {
namespace {

TEST(RequestId, IsTheOneThatWasGiven) {
  EXPECT_EQ(request_id("a-1_b.C"), "a-1_b.C");
  EXPECT_EQ(request_id(std::string(64, 'x')), std::string(64, 'x'));
}

TEST(RequestId, IsMadeWhereNoneThatFitsALogWasGiven) {
  for (std::string const &given : {std::string(), std::string(65, 'x'), std::string("a b"), std::string("a\nb"),
                                   std::string("\"quoted\""), std::string("\xc3\xa4")}) {
    EXPECT_THAT(request_id(given), testing::MatchesRegex("[0-9a-f]{16}")) << given;
  }
  EXPECT_NE(request_id(""), request_id(""));
}

}  // namespace
}  // namespace tableforge::gateway
