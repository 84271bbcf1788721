#pragma once

#include <cstdint>
#include <string_view>

namespace tableforge::tuner {

/// Something that must not get worse while the objective gets better.
struct Guard {
  enum class Kind : std::uint8_t {
    ratio,       ///< `margin` 0.02: it may become 2 % greater.
    difference,  ///< `margin` 0.0001: it may grow by that, in its own unit.
  };
  std::string_view name;  ///< A literal.
  Kind kind;
  double margin;
};

/// Those of every domain. Latency is that of the server's answers, in which the reads of one class are few: what a
/// trade within the class costs is priced in the objective.
inline constexpr Guard kLatencyGuard{"p99_ms", Guard::Kind::ratio, 0.02};
inline constexpr Guard kErrorGuard{"error_share", Guard::Kind::difference, 0.0001};
inline constexpr Guard kMemoryGuard{"rss_bytes", Guard::Kind::ratio, 0.03};

}  // namespace tableforge::tuner
