#pragma once

#include <array>
#include <cstddef>

namespace tableforge::tuner {

/// Whether answers take too long: from three of five seconds beyond the objective on, until a minute in a row is well
/// below it. One slow second is a checkpoint, and one fast one is luck.
///
/// Threads: one; a value.
class BreachWatch {
 public:
  static constexpr std::size_t kLately = 5;
  static constexpr std::size_t kBeyondMin = 3;
  static constexpr std::size_t kCalmMin = 60;
  static constexpr double kCalm = 0.8;

  /// A second, and its p99. Without any answer it is calm, unless somebody waits for one.
  void add(double p99_ms, double objective_ms) {
    beyond_[next_++ % kLately] = p99_ms > objective_ms;
    calm_ = p99_ms < kCalm * objective_ms ? calm_ + 1 : 0;
    std::size_t beyond = 0;
    for (bool const each : beyond_) beyond += each ? 1 : 0;
    if (beyond >= kBeyondMin) breached_ = true;
    if (calm_ >= kCalmMin) breached_ = false;
  }
  [[nodiscard]] bool breached() const { return breached_; }
  /// The latest second was beyond the objective: there is reason to do more.
  [[nodiscard]] bool beyond() const { return next_ > 0 && beyond_[(next_ - 1) % kLately]; }

 private:
  std::array<bool, kLately> beyond_{};
  std::size_t next_ = 0;
  std::size_t calm_ = 0;
  bool breached_ = false;
};

}  // namespace tableforge::tuner
