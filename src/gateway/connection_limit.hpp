#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace tableforge::gateway {

class ConnectionLimit;

/// The right to one open socket, given back when it goes.
class ConnectionSlot {
 public:
  ConnectionSlot(ConnectionSlot &&) noexcept = default;
  ConnectionSlot &operator=(ConnectionSlot &&other) noexcept {
    std::swap(limit_, other.limit_);
    return *this;
  }
  ~ConnectionSlot();

 private:
  friend class ConnectionLimit;
  explicit ConnectionSlot(std::shared_ptr<ConnectionLimit> limit) : limit_(std::move(limit)) {}

  std::shared_ptr<ConnectionLimit> limit_;
};

/// How many sockets may be open at once, over all shards of a server.
///
/// Threads: any.
class ConnectionLimit : public std::enable_shared_from_this<ConnectionLimit> {
 public:
  explicit ConnectionLimit(std::size_t max) : max_(max) {}

  /// Nothing when all are taken.
  [[nodiscard]] std::optional<ConnectionSlot> admit() {
    if (open_.fetch_add(1, std::memory_order_relaxed) < max_) return ConnectionSlot(shared_from_this());
    open_.fetch_sub(1, std::memory_order_relaxed);
    return std::nullopt;
  }

 private:
  friend class ConnectionSlot;

  std::size_t const max_;
  std::atomic<std::size_t> open_{0};
};

inline ConnectionSlot::~ConnectionSlot() {
  if (limit_) limit_->open_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace tableforge::gateway
