#include "tableforge/lobby/tokens.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <jwt.h>
#include <openssl/crypto.h>

namespace tableforge::lobby {

namespace {

constexpr char const *kIssuer = "tableforge";

using Jwt = std::unique_ptr<jwt_t, decltype(&jwt_free)>;

unsigned char const *bytes_of(std::string const &secret) {
  return reinterpret_cast<unsigned char const *>(secret.data());
}

/// The library reads up to a NUL and decodes loosely, so whatever is no token is kept from it.
bool looks_like_token(std::string_view text) {
  auto const allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return text.size() <= Tokens::kTokenBytesMax && std::ranges::count(text, '.') == 2 &&
         std::ranges::all_of(text, allowed);
}

std::optional<std::string> text_claim(jwt_t *jwt, char const *name) {
  char const *const value = jwt_get_grant(jwt, name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

/// Seconds since the epoch, as RFC 7519 writes them.
std::optional<Time> time_claim(jwt_t *jwt, char const *name) {
  errno = 0;
  long const seconds = jwt_get_grant_int(jwt, name);
  // Whatever does not fit a Time was not written by us.
  if (errno != 0 || seconds < 0 || seconds > LONG_MAX / 1'000'000) return std::nullopt;
  return Time(std::chrono::seconds(seconds));
}

/// The claims, if this secret signed them.
std::optional<Identity> read_with(std::string const &secret, std::string const &token, Time now) {
  jwt_t *raw = nullptr;
  if (jwt_decode(&raw, token.c_str(), bytes_of(secret), static_cast<int>(secret.size())) != 0) return std::nullopt;
  Jwt const jwt(raw, &jwt_free);
  // The header is the sender's word. "none" is no signature, and the others are none that we ever made.
  if (jwt_get_alg(jwt.get()) != JWT_ALG_HS256) return std::nullopt;
  if (text_claim(jwt.get(), "iss") != kIssuer) return std::nullopt;
  auto const subject = text_claim(jwt.get(), "sub");
  auto const player = subject ? Uuid::parse(*subject) : std::nullopt;
  auto name = text_claim(jwt.get(), "name");
  auto const expires_at = time_claim(jwt.get(), "exp");
  if (!player || !name || !expires_at || *expires_at <= now) return std::nullopt;
  return Identity{.player = PlayerId(*player), .name = std::move(*name), .expires_at = *expires_at};
}

}  // namespace

Tokens::Tokens(Options options, metrics::LobbyMetrics &metrics) : options_(std::move(options)), metrics_(metrics) {
  if (options_.secrets.empty()) throw std::invalid_argument("tokens need a secret");
  for (std::string const &secret : options_.secrets) {
    if (secret.size() < kSecretBytesMin || secret.size() > INT_MAX) {
      throw std::invalid_argument("a secret for tokens must be at least 32 bytes long");
    }
  }
}

Tokens::Tokens(std::string secret, metrics::LobbyMetrics &metrics)
    : Tokens(Options{.secrets = {std::move(secret)}}, metrics) {}

Tokens::~Tokens() {
  for (std::string &secret : options_.secrets) ::OPENSSL_cleanse(secret.data(), secret.size());
}

Result<Token> Tokens::issue(PlayerId player, std::string_view name, Time now) const {
  // Whole seconds, so that what we say and what the token says are the same moment.
  auto const issued = std::chrono::floor<std::chrono::seconds>(now);
  auto const expires = issued + options_.lifetime;
  jwt_t *raw = nullptr;
  if (jwt_new(&raw) != 0) return fail(Errc::unavailable, "a token could not be made");
  Jwt const jwt(raw, &jwt_free);
  std::string const &secret = options_.secrets.front();
  bool const made = jwt_set_alg(jwt.get(), JWT_ALG_HS256, bytes_of(secret), static_cast<int>(secret.size())) == 0 &&
                    jwt_add_grant(jwt.get(), "iss", kIssuer) == 0 &&
                    jwt_add_grant(jwt.get(), "sub", player.value.text().c_str()) == 0 &&
                    jwt_add_grant(jwt.get(), "name", std::string(name).c_str()) == 0 &&
                    jwt_add_grant_int(jwt.get(), "iat", issued.time_since_epoch().count()) == 0 &&
                    jwt_add_grant_int(jwt.get(), "exp", expires.time_since_epoch().count()) == 0;
  // Fails for a name that is no UTF-8, which no player who was let in has.
  if (!made) return fail(Errc::invalid, "a token cannot carry this name");
  std::unique_ptr<char, decltype(&std::free)> const text(jwt_encode_str(jwt.get()), &std::free);
  if (!text) return fail(Errc::unavailable, "a token could not be signed");
  return Token{.text = text.get(), .expires_at = expires};
}

Result<Identity> Tokens::verify(std::string_view token, Time now) const {
  if (looks_like_token(token)) {
    std::string const text(token);
    for (std::string const &secret : options_.secrets) {
      if (auto identity = read_with(secret, text, now)) return std::move(*identity);
    }
  }
  metrics_.tokens_refused.add();
  return fail(Errc::unauthorized, "the token is not valid");
}

}  // namespace tableforge::lobby
