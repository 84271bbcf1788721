#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include "gateway/addresses.hpp"

namespace tableforge::gateway {

class ConnectionLimit;
using ConnectionLimitPtr = boost::intrusive_ptr<ConnectionLimit>;

/// The right to one open socket, and its place among those of its address, given back when it goes.
///
/// Bounds: two words, because each session holds one for as long as it lives.
class ConnectionSlot {
 public:
  ConnectionSlot(ConnectionSlot &&other) noexcept
      : limit_(std::move(other.limit_)), address_(std::exchange(other.address_, kNoAddress)) {}
  ConnectionSlot &operator=(ConnectionSlot &&other) noexcept {
    std::swap(limit_, other.limit_);
    std::swap(address_, other.address_);
    return *this;
  }
  ~ConnectionSlot();

  /// Counts the socket as one of this address, once; false if the address has as many as it may.
  [[nodiscard]] bool claim(AddressKey address, Addresses::Clock::time_point now);

 private:
  friend class ConnectionLimit;
  explicit ConnectionSlot(ConnectionLimitPtr limit) : limit_(std::move(limit)) {}

  static constexpr AddressKey kNoAddress = 0;  // "::", which no peer has.

  ConnectionLimitPtr limit_;
  AddressKey address_ = kNoAddress;
};

/// How many sockets may be open at once, over all shards of a server, and how many of one address.
///
/// Threads: any.
class ConnectionLimit : public boost::intrusive_ref_counter<ConnectionLimit> {
 public:
  ConnectionLimit(std::size_t max, AddressLimits limits, metrics::GatewayMetrics &metrics)
      : max_(max), addresses_(limits, metrics) {}

  /// Nothing when all are taken.
  [[nodiscard]] std::optional<ConnectionSlot> admit() {
    if (open_.fetch_add(1, std::memory_order_relaxed) < max_) return ConnectionSlot(ConnectionLimitPtr(this));
    open_.fetch_sub(1, std::memory_order_relaxed);
    return std::nullopt;
  }

  [[nodiscard]] Addresses &addresses() { return addresses_; }

 private:
  friend class ConnectionSlot;

  std::size_t const max_;
  std::atomic<std::size_t> open_{0};
  Addresses addresses_;
};

inline bool ConnectionSlot::claim(AddressKey address, Addresses::Clock::time_point now) {
  if (address_ != kNoAddress || address == kNoAddress) return true;
  auto const entry = limit_->addresses_.enter(address, now);
  if (entry == Addresses::Entry::counted) address_ = address;
  return entry != Addresses::Entry::refused;
}

inline ConnectionSlot::~ConnectionSlot() {
  if (!limit_) return;
  if (address_ != kNoAddress) limit_->addresses_.leave(address_);
  limit_->open_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace tableforge::gateway
