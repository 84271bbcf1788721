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
  for (char const *text : {"", " ", "me", "me lobby_page", "me lobby_page 1", "me lobby_page 1 ", "me nothing 1 key",
                           "me lobby_page one key", "me lobby_page -1 key", "me lobby_page 1x key",
                           "me lobby_page 18446744073709551616 key", " lobby_page 1 key"}) {
    EXPECT_FALSE(decode_announcement(text)) << text;
  }
  EXPECT_TRUE(decode_announcement("me lobby_page 1 k"));
}

}  // namespace
}  // namespace tableforge::cache
