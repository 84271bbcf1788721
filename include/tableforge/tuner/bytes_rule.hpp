#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "tableforge/tuner/miss_ratio_curve.hpp"

namespace tableforge::tuner {

/// A class of cached value as a claimant of memory.
struct BytesClaim {
  double bytes = 0;      ///< What it may use now.
  double reads = 0;      ///< Lately.
  double miss_cost = 0;  ///< Of one load, in the one currency.
  MissRatioCurve const *curve = nullptr;
};

struct BytesRules {
  double unit = 0.01;      ///< What moves at a time: 1 % of all.
  double floor = 0.02;     ///< What every class keeps: 2 % of all.
  double step_max = 1.5;   ///< The farthest either budget moves, as a ratio.
  double ratio_min = 1.5;  ///< The relative gate: how many times what is lost must be gained.
  double gain_min = 0.02;  ///< The absolute gate: the share of all miss cost that must go.
};

/// Bytes that one class should give to another.
struct BytesMove {
  std::size_t from = 0;
  std::size_t to = 0;
  double bytes = 0;
  double cost_now = 0;  ///< Of all misses of all classes, for as many reads as were counted.
  double gained = 0;    ///< Of it, by the class that receives,
  double lost = 0;      ///< and by the one that gives.
};

/// One unit after the other goes from where a byte is worth least to where it is worth most (in miss cost saved per
/// byte), as long as the relative gate holds for each; nothing is moved unless all of them together pass the absolute
/// gate. Both gates: CacheLib's rebalancer needs them lest memory moves for ever between classes that are alike
/// (Berg et al., "The CacheLib Caching Engine", OSDI 2020).
///
/// Threads: any; pure.
[[nodiscard]] std::optional<BytesMove> propose_bytes_move(std::span<BytesClaim const> claims, BytesRules const &rules);

}  // namespace tableforge::tuner
