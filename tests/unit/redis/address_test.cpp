#include "tableforge/redis/address.hpp"

#include <gtest/gtest.h>

namespace tableforge::redis {
namespace {

TEST(RedisUrl, NamesHostPortAndDatabase) {
  EXPECT_EQ(parse_url("redis://cache.example:7000/3"), (Address{.host = "cache.example", .port = 7000, .database = 3}));
}

TEST(RedisUrl, HasDefaults) {
  EXPECT_EQ(parse_url("redis://127.0.0.1"), (Address{.host = "127.0.0.1", .port = 6379}));
  EXPECT_EQ(parse_url("redis://127.0.0.1/"), (Address{.host = "127.0.0.1", .port = 6379}));
}

TEST(RedisUrl, CarriesCredentials) {
  EXPECT_EQ(parse_url("redis://u:p@h"), (Address{.host = "h", .user = "u", .password = "p"}));
  EXPECT_EQ(parse_url("redis://:p@h"), (Address{.host = "h", .password = "p"}));
  EXPECT_EQ(parse_url("redis://p@h"), (Address{.host = "h", .password = "p"}));
}

TEST(RedisUrl, DecodesPercentInCredentials) {
  EXPECT_EQ(parse_url("redis://:a%40b%2Fc%2f@h/1"), (Address{.host = "h", .password = "a@b/c/", .database = 1}));
}

TEST(RedisUrl, TakesASlashOrAtInAPassword) {
  EXPECT_EQ(parse_url("redis://:a/b@c@h/1"), (Address{.host = "h", .password = "a/b@c", .database = 1}));
}

TEST(RedisUrl, TakesIpv6InBrackets) {
  EXPECT_EQ(parse_url("redis://[::1]:7000"), (Address{.host = "::1", .port = 7000}));
  EXPECT_EQ(parse_url("redis://[::1]"), (Address{.host = "::1"}));
}

TEST(RedisUrl, NamesAUnixSocket) {
  EXPECT_EQ(parse_url("unix:///run/redis.sock"), (Address{.socket_path = "/run/redis.sock"}));
  EXPECT_EQ(parse_url("unix://u:p@/run/a@b?db=2"),
            (Address{.socket_path = "/run/a@b", .user = "u", .password = "p", .database = 2}));
}

TEST(RedisUrl, RefusesWhatItCannotMean) {
  for (char const *url : {"",
                          "none",
                          "http://h",
                          "rediss://h",
                          "redis://",
                          "redis://:6379",
                          "redis://h:",
                          "redis://h:0",
                          "redis://h:65536",
                          "redis://h:x",
                          "redis://h/x",
                          "redis://h/-1",
                          "redis://h/99999",
                          "redis://[::1",
                          "redis://[::1]x",
                          "redis://u:@h",
                          "redis://:%4@h",
                          "redis://:%zz@h",
                          "unix://",
                          "unix://run/redis.sock",
                          "unix:///a?x=1",
                          "unix:///a?db=x"}) {
    auto const parsed = parse_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().code, Errc::invalid) << url;
  }
}

}  // namespace
}  // namespace tableforge::redis
