#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "tableforge/load/load_report.hpp"

#include "load/fine_histogram.hpp"

namespace tableforge::load {

/// Counts what a run sends and receives, stage by stage.
///
/// What can be told from when a message was due belongs to the stage of that time, however late it came; the rest to
/// the stage in which it was noticed.
///
/// Threads: one.
class LoadTally {
 public:
  struct Stage {
    LoadStage counts;
    bool reported = true;
    std::int64_t begin = 0;  ///< Nanoseconds since the run began.
    std::uint64_t presence_expected = 0;
    FineHistogram ack;
    FineHistogram receipt;
    FineHistogram presence;
    FineHistogram late;
  };

  /// Begins with a stage that is not reported: setting up.
  LoadTally();

  /// What is due from now on belongs to a new stage. One that is not reported passes its losses on to the next.
  Stage &begin(std::string name, bool reported, double rate, std::int64_t now);

  [[nodiscard]] Stage &current() { return *current_; }
  [[nodiscard]] Stage &of(std::int64_t due) { return due >= current_->begin ? *current_ : earlier(due); }
  [[nodiscard]] LoadStage total() const;
  [[nodiscard]] std::uint64_t presence_expected() const;
  /// With its latencies, as they are by now.
  [[nodiscard]] static LoadStage finished(Stage const &stage);
  /// Those that are reported, all finished.
  [[nodiscard]] std::vector<LoadStage> report() const;

 private:
  Stage &earlier(std::int64_t due);

  std::deque<Stage> stages_;
  Stage *current_ = nullptr;
};

}  // namespace tableforge::load
