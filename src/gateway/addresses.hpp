#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include <boost/asio/ip/address.hpp>

#include "tableforge/base/guarded.hpp"
#include "tableforge/gateway/address_limits.hpp"
#include "tableforge/metrics/catalogue.hpp"

#include "gateway/token_bucket.hpp"

namespace tableforge::gateway {

/// An IPv4 address, or the /64 of an IPv6 one, which is what one customer gets. IPv4 lies where IPv6 has no unicast.
using AddressKey = std::uint64_t;
[[nodiscard]] AddressKey address_key(boost::asio::ip::address const &address);

/// Counts what addresses do, over all shards of a server.
///
/// Threads: any. The lock of a stripe is held for some lookups in a table.
/// Bounds:  `max` addresses of about 100 bytes each. An address without a connection is forgotten once its rates have
///          recovered. When all that are known are busy, further ones are let through uncounted: whoever owns that many
///          addresses must not be able to shut everybody else out. How often is counted.
/// Errors:  none; refusal is data.
class Addresses {
 public:
  using Clock = TokenBucket::Clock;
  enum class Entry : std::uint8_t { counted, uncounted, refused };

  static constexpr std::size_t kMax = 65'536;
  /// How many seconds of its rate an address may use at once.
  static constexpr unsigned kBurstSeconds = 5;

  Addresses(AddressLimits limits, metrics::GatewayMetrics &metrics, std::size_t max = kMax);

  [[nodiscard]] bool limited() const { return limits_.any(); }

  /// One more connection; leave() ends what was counted.
  [[nodiscard]] Entry enter(AddressKey key, Clock::time_point now);
  void leave(AddressKey key);
  /// Nothing if there may be one more, else how long to wait.
  [[nodiscard]] std::optional<std::chrono::milliseconds> request(AddressKey key, Clock::time_point now);
  [[nodiscard]] std::optional<std::chrono::milliseconds> upgrade(AddressKey key, Clock::time_point now);

 private:
  struct Account {
    TokenBucket requests;
    TokenBucket upgrades;
    Clock::time_point used_at{};
    std::uint32_t connections = 0;
  };
  /// Salted, because attackers choose their addresses.
  struct Hash {
    std::uint64_t salt;
    std::size_t operator()(AddressKey key) const;
  };
  using Accounts = std::unordered_map<AddressKey, Account, Hash>;
  struct Stripe {
    Accounts accounts;
    std::size_t swept = 0;  ///< The bucket behind the latest one that was looked at.
  };
  static constexpr std::size_t kStripes = 16;

  Guarded<Stripe> &stripe_of(AddressKey key) { return stripes_[hash_(key) % kStripes]; }
  Account *account_of(Stripe &stripe, AddressKey key, Clock::time_point now);
  void sweep(Stripe &stripe, std::size_t buckets, Clock::time_point now);
  std::optional<std::chrono::milliseconds> take(AddressKey key, unsigned per_second, TokenBucket Account::*bucket,
                                                Clock::time_point now, metrics::AddressLimit limit);

  AddressLimits const limits_;
  metrics::GatewayMetrics &metrics_;
  std::size_t const stripe_max_;
  Hash const hash_;
  std::array<Guarded<Stripe>, kStripes> stripes_;
};

}  // namespace tableforge::gateway
