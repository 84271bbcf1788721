#include "tableforge/load/endpoint.hpp"

#include <gtest/gtest.h>

namespace tableforge::load {
namespace {

TEST(Endpoint, ReadsHostAndPort) {
  EXPECT_EQ(parse_endpoint("ws://127.0.0.1:8080"), (Endpoint{"127.0.0.1", 8080}));
  EXPECT_EQ(parse_endpoint("ws://localhost:8080/"), (Endpoint{"localhost", 8080}));
  EXPECT_EQ(parse_endpoint("ws://example.org"), (Endpoint{"example.org", 80}));
  EXPECT_EQ(parse_endpoint("ws://[::1]:9"), (Endpoint{"::1", 9}));
}

TEST(Endpoint, BracketsAnAddressOfVersionSix) { EXPECT_EQ((Endpoint{"::1", 9}.text()), "[::1]:9"); }

TEST(Endpoint, RefusesEverythingElse) {
  for (auto const *url : {"", "http://a:1", "wss://a:1", "ws://", "ws://:1", "ws://a:0", "ws://a:70000", "ws://a:x",
                          "ws://a:1/path", "ws://a:1?x", "ws://[::1", "ws://[::1]x"}) {
    EXPECT_FALSE(parse_endpoint(url)) << url;
  }
}

}  // namespace
}  // namespace tableforge::load
