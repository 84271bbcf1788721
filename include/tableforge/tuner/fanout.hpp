#pragma once

#include "tableforge/metrics/histogram_snapshot.hpp"

namespace tableforge::tuner {

/// What the server has sent, and what that took, since the process began.
struct FanoutCounts {
  double delivered = 0;                ///< Messages, each to each of those who got it.
  double cpu_ms = 0;                   ///< Of the whole process.
  metrics::HistogramSnapshot rates;    ///< Turns with presence in each second of a table that had some.
  metrics::HistogramSnapshot waits;    ///< For the end of a window.
  metrics::HistogramSnapshot answers;  ///< From reading an action to releasing what it caused.
  metrics::HistogramSnapshot turns;    ///< Of the I/O threads.
};

/// Where they come from: a port that the server's metrics serve.
///
/// Threads: the tuner's.
class Fanout {
 public:
  virtual ~Fanout() = default;
  [[nodiscard]] virtual FanoutCounts counts() const = 0;
};

}  // namespace tableforge::tuner
