#include "cache/announcement.hpp"

#include <gtest/gtest.h>

namespace tableforge::cache {
namespace {

TEST(Announcement, ComesBackAsItWas) {
  std::string const text = encode_announcement(
      {.sender = "0123", .cls = CacheClass::lobby_page, .version = ~Version{0}, .key = "a key {with} spaces "});
  auto const read = decode_announcement(text);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sender, "0123");
  EXPECT_EQ(read->cls, CacheClass::lobby_page);
  EXPECT_EQ(read->version, ~Version{0});
  EXPECT_EQ(read->key, "a key {with} spaces ");
}

TEST(Announcement, IsNotReadFromAnythingElse) {
  for (char const *text :
       {"", " ", "me", "me player", "me player 1", "me player 1 ", "me nothing 1 key", "me player one key",
        "me player -1 key", "me player 1x key", "me player 18446744073709551616 key", " player 1 key"}) {
    EXPECT_FALSE(decode_announcement(text)) << text;
  }
  EXPECT_TRUE(decode_announcement("me player 1 k"));
}

}  // namespace
}  // namespace tableforge::cache
