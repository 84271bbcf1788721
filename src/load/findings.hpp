#pragma once

#include <string>

#include "tableforge/load/replay.hpp"
#include "tableforge/metrics/histogram.hpp"

namespace tableforge::load {

/// What all tables of a replay count and find together.
///
/// Threads: one.
/// Bounds:  the first kKept findings are kept in words, all are counted.
class Findings {
 public:
  static constexpr std::size_t kKept = 50;

  void leak(std::string what);
  void mismatch(std::string what);
  /// A game or table that could not go on.
  void failure(std::string what);

  ReplayReport counts;  ///< Counted up as things happen; the times and rates are filled in at the end.
  metrics::LatencyHistogram acks;

 private:
  void keep(std::string kind, std::string const &what);
};

}  // namespace tableforge::load
