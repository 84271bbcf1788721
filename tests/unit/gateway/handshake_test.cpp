#include "gateway/handshake.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tableforge::gateway {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

/// The example of RFC 6455, section 1.3, with our subprotocol.
HandshakeRequest good() {
  return {.method = "GET",
          .upgrade = "websocket",
          .connection = "Upgrade",
          .version = "13",
          .key = "dGhlIHNhbXBsZSBub25jZQ==",
          .protocols = "tableforge.v1+json",
          .offers_protocols = true};
}

TEST(Handshake, IsAnsweredAsTheRfcHasIt) {
  auto const answer = judge_handshake(good());
  ASSERT_TRUE(answer);
  EXPECT_THAT(*answer, testing::StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
  EXPECT_THAT(*answer, HasSubstr("\r\nUpgrade: websocket\r\n"));
  EXPECT_THAT(*answer, HasSubstr("\r\nConnection: Upgrade\r\n"));
  EXPECT_THAT(*answer, HasSubstr("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_THAT(*answer, HasSubstr("\r\nSec-WebSocket-Protocol: tableforge.v1+json\r\n"));
  EXPECT_THAT(*answer, testing::EndsWith("\r\n\r\n"));
}

TEST(Handshake, FindsItsWordsInListsAndInAnyCase) {
  auto request = good();
  request.upgrade = "h2c, WebSocket";
  request.connection = "keep-alive, upgrade";
  request.protocols = "chat, tableforge.v1+json";
  EXPECT_TRUE(judge_handshake(request));
}

TEST(Handshake, EchoesNoSubprotocolThatWasNotOffered) {
  auto request = good();
  request.protocols = {};
  request.offers_protocols = false;
  auto const answer = judge_handshake(request);
  ASSERT_TRUE(answer);
  EXPECT_THAT(*answer, Not(HasSubstr("Sec-WebSocket-Protocol")));
}

TEST(Handshake, RefusesOtherSubprotocols) {
  for (auto const *protocols : {"chat", "tableforge.v2+json", "TABLEFORGE.V1+JSON", ""}) {
    auto request = good();
    request.protocols = protocols;
    auto const answer = judge_handshake(request);
    ASSERT_FALSE(answer) << protocols;
    EXPECT_EQ(answer.error().status, 400) << protocols;
    EXPECT_THAT(answer.error().body, HasSubstr("tableforge.v1+json"));
  }
}

TEST(Handshake, RefusesOtherVersionsNamingItsOwn) {
  for (auto const *version : {"", "8", "14", "013", "13, 8"}) {
    auto request = good();
    request.version = version;
    auto const answer = judge_handshake(request);
    ASSERT_FALSE(answer) << version;
    EXPECT_EQ(answer.error().status, 426) << version;
    EXPECT_THAT(answer.error().headers, Contains(Pair("Sec-WebSocket-Version", "13"))) << version;
  }
}

TEST(Handshake, AsksAPlainRequestToUpgrade) {
  auto no_upgrade = good();
  no_upgrade.upgrade = "";
  auto no_connection = good();
  no_connection.connection = "keep-alive";
  for (auto const &request : {no_upgrade, no_connection}) {
    auto const answer = judge_handshake(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().status, 426);
    EXPECT_THAT(answer.error().headers, Contains(Pair("Upgrade", "websocket")));
    EXPECT_THAT(answer.error().headers, Contains(Pair("Connection", "Upgrade")));
  }
}

TEST(Handshake, RefusesABadKey) {
  for (auto const *key : {"", "short", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ==x"}) {
    auto request = good();
    request.key = key;
    auto const answer = judge_handshake(request);
    ASSERT_FALSE(answer) << key;
    EXPECT_EQ(answer.error().status, 400) << key;
  }
}

TEST(Handshake, RefusesABodyAndOldHttp) {
  auto with_body = good();
  with_body.has_body = true;
  auto old = good();
  old.http_1_1 = false;
  for (auto const &request : {with_body, old}) {
    auto const answer = judge_handshake(request);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().status, 400);
  }
}

TEST(Handshake, TakesNoMethodButGet) {
  auto request = good();
  request.method = "POST";
  auto const answer = judge_handshake(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().status, 405);
  EXPECT_THAT(answer.error().headers, Contains(Pair("Allow", "GET")));
}

TEST(Handshake, IsForPagesOfAllowedOriginsWhereThereAreAny) {
  std::vector<std::string> const allowed{"https://play.example.org", "http://localhost:5173"};
  auto const status = [&](std::string_view origin, std::span<std::string const> of) {
    auto request = good();
    request.origin = origin;
    auto const answer = judge_handshake(request, of);
    return answer ? 101U : answer.error().status;
  };
  EXPECT_EQ(status("https://play.example.org", allowed), 101U);
  EXPECT_EQ(status("http://localhost:5173", allowed), 101U);
  for (auto const *stranger : {"https://evil.example", "http://play.example.org", "https://play.example.org:444",
                               "https://play.example.org.evil.example", "null"}) {
    EXPECT_EQ(status(stranger, allowed), 403U) << stranger;
    EXPECT_EQ(status(stranger, {}), 101U) << stranger;
  }
  // Who is no browser says nothing.
  EXPECT_EQ(status("", allowed), 101U);
}

}  // namespace
}  // namespace tableforge::gateway
