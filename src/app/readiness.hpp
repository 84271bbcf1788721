#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "tableforge/base/fields.hpp"
#include "tableforge/redis/client.hpp"

namespace tableforge::app {

enum class Phase : std::uint8_t { starting, ready, draining };

/// What /readyz says. Only the phase decides whether a balancer should send people here: without Redis or PostgreSQL
/// every other instance is just as badly off, and tables stay readable.
///
/// Threads: any.
class Readiness {
 public:
  void enter(Phase phase) { phase_.store(phase, std::memory_order_relaxed); }
  void set_postgres(bool up) { postgres_.store(up, std::memory_order_relaxed); }
  void set_redis(redis::Health health) { redis_.store(health, std::memory_order_relaxed); }

  [[nodiscard]] bool ready() const { return phase_.load(std::memory_order_relaxed) == Phase::ready; }
  [[nodiscard]] bool postgres_up() const { return postgres_.load(std::memory_order_relaxed); }
  [[nodiscard]] bool degraded() const;
  [[nodiscard]] std::string json() const;

 private:
  std::atomic<Phase> phase_{Phase::starting};
  std::atomic<bool> postgres_{false};
  std::atomic<redis::Health> redis_{redis::Health::disabled};
};

}  // namespace tableforge::app

template <>
struct tableforge::Words<tableforge::app::Phase> {
  static constexpr std::array<std::string_view, 3> words{"starting", "ready", "draining"};
};
template <>
struct tableforge::Words<tableforge::redis::Health> {
  static constexpr std::array<std::string_view, 3> words{"up", "down", "disabled"};
};
