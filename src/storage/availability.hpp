#pragma once

#include <atomic>
#include <mutex>
#include <string_view>

#include "tableforge/metrics/catalogue.hpp"

namespace tableforge::storage {

/// Whether the journal's writers reach the database, with one line and one gauge per transition.
///
/// Threads: any.
class Availability {
 public:
  explicit Availability(metrics::JournalMetrics &metrics) : metrics_(metrics) {}

  /// A writer connected before it had anything to write; that speaks for the server only as long as nothing else does.
  void connected();
  void answered();
  /// `why` is for the log; `sqlstate` is empty if the server said nothing.
  void lost(std::string_view why, std::string_view sqlstate);

  [[nodiscard]] bool now() const { return available_.load(std::memory_order_relaxed); }

 private:
  metrics::JournalMetrics &metrics_;
  // Held over a transition, so that gauge and log lines stand in the order in which things happened.
  std::mutex transition_;
  bool known_ = false;  ///< Coming up for the first time is no news to worry about.
  std::atomic<bool> available_{false};
};

}  // namespace tableforge::storage
