#include "gateway/addresses.hpp"

#include <algorithm>
#include <span>

#include "tableforge/base/check.hpp"
#include "tableforge/base/os_random.hpp"

#include "gateway/trusted_proxies.hpp"

namespace tableforge::gateway {

namespace {

/// Swept at each new address: more than one comes, so that what rests goes sooner than it comes.
constexpr std::size_t kSweptPerAddress = 4;
constexpr std::size_t kSweptWhenFull = 64;

std::uint64_t salt_of_this_process() {
  std::uint64_t salt = 0;
  os_random(std::as_writable_bytes(std::span(&salt, 1)));
  return salt;
}

}  // namespace

AddressKey address_key(boost::asio::ip::address const &address) {
  auto const plain = unmapped(address);
  // 0:ffff:…/32 belongs to ::/8, which is nobody's.
  if (plain.is_v4()) return (AddressKey{0xffff} << 32) | plain.to_v4().to_uint();
  AddressKey key = 0;
  auto const bytes = plain.to_v6().to_bytes();
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | bytes[i];
  return key;
}

std::size_t Addresses::Hash::operator()(AddressKey key) const {
  // The finish of SplitMix64.
  std::uint64_t mixed = key ^ salt;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >> 31);
}

Addresses::Addresses(AddressLimits limits, metrics::GatewayMetrics &metrics, std::size_t max)
    : limits_(limits),
      metrics_(metrics),
      stripe_max_(std::max<std::size_t>(1, max / kStripes)),
      hash_{salt_of_this_process()} {
  for (auto &stripe : stripes_) stripe.with([&](Stripe &mine) { mine.accounts = Accounts(0, hash_); });
}

Addresses::Entry Addresses::enter(AddressKey key, Clock::time_point now) {
  if (limits_.connections == 0) return Entry::uncounted;
  return stripe_of(key).with([&](Stripe &stripe) {
    auto *const account = account_of(stripe, key, now);
    if (account == nullptr) return Entry::uncounted;
    if (account->connections >= limits_.connections) {
      metrics_.address_refused.at(metrics::AddressLimit::connections).add();
      return Entry::refused;
    }
    ++account->connections;
    return Entry::counted;
  });
}

void Addresses::leave(AddressKey key) {
  stripe_of(key).with([&](Stripe &stripe) {
    auto const found = stripe.accounts.find(key);
    // An account with a connection is never swept.
    TF_CHECK(found != stripe.accounts.end() && found->second.connections > 0);
    --found->second.connections;
  });
}

std::optional<std::chrono::milliseconds> Addresses::request(AddressKey key, Clock::time_point now) {
  return take(key, limits_.requests_per_second, &Account::requests, now, metrics::AddressLimit::requests);
}

std::optional<std::chrono::milliseconds> Addresses::upgrade(AddressKey key, Clock::time_point now) {
  return take(key, limits_.upgrades_per_second, &Account::upgrades, now, metrics::AddressLimit::upgrades);
}

std::optional<std::chrono::milliseconds> Addresses::take(AddressKey key, unsigned per_second,
                                                         TokenBucket Account::*bucket, Clock::time_point now,
                                                         metrics::AddressLimit limit) {
  if (per_second == 0) return std::nullopt;
  Rate const rate{.per_second = static_cast<double>(per_second),
                  .burst = static_cast<double>(per_second) * kBurstSeconds};
  return stripe_of(key).with([&](Stripe &stripe) -> std::optional<std::chrono::milliseconds> {
    auto *const account = account_of(stripe, key, now);
    if (account == nullptr || (account->*bucket).take(rate, now)) return std::nullopt;
    metrics_.address_refused.at(limit).add();
    return (account->*bucket).wait(rate);
  });
}

/// Nothing when there is no room for another one.
Addresses::Account *Addresses::account_of(Stripe &stripe, AddressKey key, Clock::time_point now) {
  auto found = stripe.accounts.find(key);
  if (found == stripe.accounts.end()) {
    sweep(stripe, stripe.accounts.size() < stripe_max_ ? kSweptPerAddress : kSweptWhenFull, now);
    if (stripe.accounts.size() >= stripe_max_) {
      metrics_.addresses_uncounted.add();
      return nullptr;
    }
    found = stripe.accounts.emplace(key, Account{}).first;
    metrics_.addresses_known.add();
  }
  found->second.used_at = now;
  return &found->second;
}

/// Forgets addresses whose account is as good as a new one.
void Addresses::sweep(Stripe &stripe, std::size_t buckets, Clock::time_point now) {
  auto &accounts = stripe.accounts;
  if (accounts.empty()) return;
  for (std::size_t i = 0; i < std::min(buckets, accounts.bucket_count()); ++i) {
    stripe.swept = (stripe.swept + 1) % accounts.bucket_count();
    std::optional<AddressKey> resting;
    for (auto each = accounts.begin(stripe.swept); each != accounts.end(stripe.swept); ++each) {
      auto const &account = each->second;
      bool const recovered = now - account.used_at >= std::chrono::seconds(kBurstSeconds);
      if (account.connections == 0 && recovered) resting = each->first;
    }
    if (!resting) continue;
    accounts.erase(*resting);
    metrics_.addresses_known.sub();
  }
}

}  // namespace tableforge::gateway
