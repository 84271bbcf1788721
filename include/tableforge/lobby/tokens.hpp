#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/ids.hpp"
#include "tableforge/base/result.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/lobby/ports.hpp"
#include "tableforge/metrics/catalogue.hpp"

namespace tableforge::lobby {

/// What a player shows to be who they are.
struct Token {
  std::string text;
  Time expires_at;
};

/// Whom a token names.
struct Identity {
  PlayerId player;
  std::string name;
  Time expires_at;
};

/// Bearer tokens: JSON Web Tokens signed with HMAC-SHA-256, for which nothing is stored.
///
/// A secret is replaced by putting the new one in front: it signs from then on, and the old ones behind it are
/// accepted until they are left out.
///
/// Threads: any.
/// Bounds:  a token is at most `kTokenBytesMax` long; a longer one is refused unread.
/// Errors:  unauthorized for a token that is forged, malformed or expired, in one and the same word, because which of
///          them it is helps only a forger. The secrets are never logged.
class Tokens {
 public:
  static constexpr std::size_t kSecretBytesMin = 32;
  static constexpr std::size_t kTokenBytesMax = 2'048;

  struct Options {
    std::vector<std::string> secrets;  ///< The first one signs, each one verifies.
    std::chrono::seconds lifetime = std::chrono::days(30);
  };

  /// Throws std::invalid_argument without a secret or with one that is shorter than `kSecretBytesMin`: at boot.
  Tokens(Options options, metrics::LobbyMetrics &metrics);
  Tokens(std::string secret, metrics::LobbyMetrics &metrics);
  ~Tokens();
  Tokens(Tokens const &) = delete;
  Tokens &operator=(Tokens const &) = delete;

  [[nodiscard]] Result<Token> issue(PlayerId player, std::string_view name, Time now) const;
  [[nodiscard]] Result<Token> issue(PlayerRecord const &player, Time now) const {
    return issue(player.id, player.name, now);
  }

  /// Good until, and not at, its expiry.
  [[nodiscard]] Result<Identity> verify(std::string_view token, Time now) const;

 private:
  Options options_;
  metrics::LobbyMetrics &metrics_;
};

}  // namespace tableforge::lobby
