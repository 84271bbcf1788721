#include "tableforge/lobby/tokens.hpp"

#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>
#include <jwt.h>
#include <nlohmann/json.hpp>

#include "tableforge/log/log.hpp"

namespace tableforge::lobby {
namespace {

using namespace std::chrono_literals;

std::string const kSecret = "0123456789abcdef0123456789abcdef";
std::string const kOtherSecret = "fedcba9876543210fedcba9876543210";
Time const kNow{std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 18h + 123'456us};

class TokensTest : public testing::Test {
 protected:
  metrics::LobbyMetrics metrics;
  Tokens const tokens{{.secrets = {kSecret}, .lifetime = 1h}, metrics};
  PlayerId const player{Uuid::random()};

  /// A token as a stranger might make it.
  std::string forge(std::function<void(jwt_t *)> const &alter, jwt_alg_t algorithm = JWT_ALG_HS256,
                    std::string const &key = kSecret) const {
    jwt_t *jwt = nullptr;
    jwt_new(&jwt);
    jwt_set_alg(jwt, algorithm,
                algorithm == JWT_ALG_NONE ? nullptr : reinterpret_cast<unsigned char const *>(key.data()),
                algorithm == JWT_ALG_NONE ? 0 : static_cast<int>(key.size()));
    jwt_add_grant(jwt, "iss", "tableforge");
    jwt_add_grant(jwt, "sub", player.value.text().c_str());
    jwt_add_grant(jwt, "name", "Mallory");
    jwt_add_grant_int(jwt, "exp", std::chrono::floor<std::chrono::seconds>(kNow + 1h).time_since_epoch().count());
    alter(jwt);
    char *const encoded = jwt_encode_str(jwt);
    std::string text = encoded;
    std::free(encoded);
    jwt_free(jwt);
    return text;
  }
  Errc refused(std::string_view token, Time now = kNow) const {
    auto const identity = tokens.verify(token, now);
    EXPECT_FALSE(identity) << token;
    return identity ? Errc::cancelled : identity.error().code;
  }
  static void as_it_is(jwt_t *) {}
};

TEST_F(TokensTest, NamesWhomItWasIssuedTo) {
  auto const token = tokens.issue(player, "Zoë \"Ace\" \U0001f0a1", kNow);
  ASSERT_TRUE(token);
  auto const identity = tokens.verify(token->text, kNow + 10min);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->player, player);
  EXPECT_EQ(identity->name, "Zoë \"Ace\" \U0001f0a1");
  EXPECT_EQ(identity->expires_at, token->expires_at);
  EXPECT_EQ(token->expires_at, std::chrono::floor<std::chrono::seconds>(kNow) + 1h);
  EXPECT_EQ(metrics.tokens_refused.value(), 0u);
}

TEST_F(TokensTest, AcceptsWhatAnyLibraryMakesWithTheSecret) { EXPECT_TRUE(tokens.verify(forge(as_it_is), kNow)); }

TEST_F(TokensTest, ExpiresAtItsMoment) {
  auto const token = tokens.issue(player, "Ann", kNow).value();
  EXPECT_TRUE(tokens.verify(token.text, token.expires_at - 1us));
  EXPECT_EQ(refused(token.text, token.expires_at), Errc::unauthorized);
  EXPECT_EQ(metrics.tokens_refused.value(), 1u);
}

TEST_F(TokensTest, RefusesEveryTokenWithOneLetterChanged) {
  std::string const good = tokens.issue(player, "Ann", kNow).value().text;
  // The last letter of a part may hold bits that mean nothing; all others count.
  for (std::size_t i = 0; i + 1 < good.size(); ++i) {
    if (good[i] == '.' || good[i + 1] == '.') continue;
    std::string bad = good;
    bad[i] = bad[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens.verify(bad, kNow)) << i;
  }
}

TEST_F(TokensTest, RefusesOtherAlgorithms) {
  EXPECT_EQ(refused(forge(as_it_is, JWT_ALG_NONE)), Errc::unauthorized);
  EXPECT_EQ(refused(forge(as_it_is, JWT_ALG_HS384)), Errc::unauthorized);
  EXPECT_EQ(refused(forge(as_it_is, JWT_ALG_HS512)), Errc::unauthorized);
}

TEST_F(TokensTest, RefusesOtherSecrets) {
  EXPECT_EQ(refused(forge(as_it_is, JWT_ALG_HS256, kOtherSecret)), Errc::unauthorized);
}

TEST_F(TokensTest, RefusesClaimsThatAreNotOurs) {
  auto const with = [&](char const *name, char const *value) {
    return forge([&](jwt_t *jwt) {
      jwt_del_grants(jwt, name);
      if (value != nullptr) jwt_add_grant(jwt, name, value);
    });
  };
  EXPECT_EQ(refused(with("iss", "elsewhere")), Errc::unauthorized);
  EXPECT_EQ(refused(with("iss", nullptr)), Errc::unauthorized);
  EXPECT_EQ(refused(with("sub", "root")), Errc::unauthorized);
  EXPECT_EQ(refused(with("sub", nullptr)), Errc::unauthorized);
  EXPECT_EQ(refused(with("name", nullptr)), Errc::unauthorized);
  EXPECT_EQ(refused(with("exp", nullptr)), Errc::unauthorized);
  EXPECT_EQ(refused(with("exp", "tomorrow")), Errc::unauthorized);
  EXPECT_EQ(refused(forge([](jwt_t *jwt) {
              jwt_del_grants(jwt, "exp");
              jwt_add_grant_int(jwt, "exp", std::numeric_limits<long>::max());
            })),
            Errc::unauthorized);
}

TEST_F(TokensTest, RefusesWhatIsNoToken) {
  std::string const good = tokens.issue(player, "Ann", kNow).value().text;
  for (std::string const &text :
       {std::string(), std::string("."), std::string(".."), std::string("a.b"), std::string("a.b.c"), good + ".x",
        good + std::string("\0x", 2), " " + good, good + "=", good.substr(0, good.rfind('.')),
        good.substr(0, good.rfind('.') + 1), std::string(1'000'000, 'a')}) {
    EXPECT_EQ(refused(text), Errc::unauthorized);
  }
}

TEST_F(TokensTest, SignsWithTheFirstSecretAndVerifiesWithEach) {
  Tokens const rotated{{.secrets = {kOtherSecret, kSecret}, .lifetime = 1h}, metrics};
  Tokens const after{{.secrets = {kOtherSecret}, .lifetime = 1h}, metrics};
  std::string const before = tokens.issue(player, "Ann", kNow).value().text;
  EXPECT_TRUE(rotated.verify(before, kNow));
  EXPECT_TRUE(after.verify(rotated.issue(player, "Ann", kNow).value().text, kNow));
  EXPECT_FALSE(after.verify(before, kNow));
}

TEST_F(TokensTest, NeedsSecretsThatAreLongEnough) {
  using Options = Tokens::Options;
  EXPECT_THROW(Tokens(Options{}, metrics), std::invalid_argument);
  EXPECT_THROW(Tokens(std::string(31, 'x'), metrics), std::invalid_argument);
  EXPECT_THROW(Tokens(Options{.secrets = {kSecret, "short"}}, metrics), std::invalid_argument);
  EXPECT_NO_THROW(Tokens(std::string(32, 'x'), metrics));
}

TEST_F(TokensTest, KeepsEveryByteOfASecret) {
  std::string const one("0123456789abcdef\0aaaaaaaaaaaaaaaa", 33);
  std::string const other("0123456789abcdef\0bbbbbbbbbbbbbbbb", 33);
  Tokens const signing(one, metrics);
  Tokens const verifying(other, metrics);
  EXPECT_FALSE(verifying.verify(signing.issue(player, "Ann", kNow).value().text, kNow));
}

TEST_F(TokensTest, RefusesToIssueForANameThatIsNotText) { EXPECT_FALSE(tokens.issue(player, "\xff\xfe", kNow)); }

TEST_F(TokensTest, ServesManyThreads) {
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        PlayerId const who{Uuid::random()};
        auto const identity = tokens.verify(tokens.issue(who, "Ann", kNow).value().text, kNow);
        if (identity && identity->player == who) ++good;
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
  EXPECT_EQ(good, 800);
}

}  // namespace
}  // namespace tableforge::lobby
