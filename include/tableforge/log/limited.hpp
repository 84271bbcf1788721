#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tableforge/log/log.hpp"

namespace tableforge::log {

/// A place that may want to log often, and says at most one line per interval.
///
/// The line that is let through carries `suppressed`, the number of lines swallowed since the one before it.
///
/// Threads: any.
class Limited {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Limited(Clock::duration interval) : interval_(interval) {}

  void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, fields); }
  void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
  void warn(std::string_view message, Fields fields = {}) { write(Level::warn, message, fields); }
  void error(std::string_view message, Fields fields = {}) { write(Level::error, message, fields); }

  /// The decision alone. Empty: stay silent. Otherwise: speak, and this many were swallowed before.
  std::optional<std::uint64_t> admit(Clock::time_point now);

 private:
  void write(Level level, std::string_view message, Fields fields);

  Clock::duration interval_;
  std::atomic<Clock::rep> next_{Clock::time_point::min().time_since_epoch().count()};
  std::atomic<std::uint64_t> suppressed_{0};
};

}  // namespace tableforge::log
