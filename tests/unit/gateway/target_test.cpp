#include "gateway/target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tableforge::gateway {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(Target, IsAPathAndAQuery) {
  auto const target = parse_target("/v1/tables?limit=20&after=x%3Dy&flag");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/v1/tables");
  EXPECT_THAT(target->query, ElementsAre(Pair("after", "x=y"), Pair("flag", ""), Pair("limit", "20")));
}

TEST(Target, DecodesPercentSigns) {
  auto const target = parse_target("/a%20b+c/%C3%A9?q=a+b%2Bc");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a b+c/é");
  EXPECT_THAT(target->query, ElementsAre(Pair("q", "a b+c")));
}

TEST(Target, MayHaveAnEmptyQuery) {
  auto const target = parse_target("/x?&");
  ASSERT_TRUE(target);
  EXPECT_THAT(target->query, IsEmpty());
}

TEST(Target, IsRefusedWhenItCannotBeUnderstood) {
  for (auto const *text :
       {"", "*", "x", "http://host/x", "/%", "/%4", "/%zz", "/%-1", "/%00", "/%ff", "/x?a=%", "/x?a=1&a=2"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(SocketPath, NamesATable) {
  EXPECT_EQ(socket_path_id("/v1/tables/abc/ws"), "abc");
  for (auto const *path : {"/v1/tables/ws", "/v1/tables//ws", "/v1/tables/a/b/ws", "/v1/tables/abc",
                           "/v1/tables/abc/ws/", "/v2/tables/abc/ws"}) {
    EXPECT_FALSE(socket_path_id(path)) << path;
  }
}

}  // namespace
}  // namespace tableforge::gateway
