#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "tableforge/base/guarded.hpp"
#include "tableforge/knobs/exposure.hpp"

namespace tableforge {

/// Another value of a knob for a part of what it governs, while that is being tried. The others have the knob's own.
///
/// Readers on a hot path keep a copy, and take a new one when the generation has changed:
///
///     if (auto const now = split.generation(); now != seen) { copy = split.get(); seen = now; }
///
/// Threads: any. Whoever sees a generation finds what was set with it, or something newer.
class KnobSplit {
 public:
  struct Part {
    double value = 0;  ///< In the knob's own unit.
    Exposure exposure;
  };

  void set(Part const &part) { change(part); }
  void clear() { change(std::nullopt); }

  [[nodiscard]] std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  [[nodiscard]] std::optional<Part> get() const {
    return part_.with([](auto const &part) { return part; });
  }

 private:
  void change(std::optional<Part> const &part) {
    part_.with([&](auto &mine) { mine = part; });
    generation_.fetch_add(1, std::memory_order_release);
  }

  Guarded<std::optional<Part>> part_;
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace tableforge
