#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tableforge/tuner/ports/record.hpp"

namespace tableforge::tuner {

/// A record that ends with the process: for a server whose database has no place for one, and for trials of the tuner
/// itself on a virtual clock.
///
/// Threads: one.
/// Bounds:  the newest `kLinesMax` lines; an intent that has no outcome is never given up.
/// Errors:  none.
class MemoryRecord final : public Record {
 public:
  static constexpr std::size_t kLinesMax = 10'000;

  [[nodiscard]] Result<void> append(Action const &action) override;
  [[nodiscard]] Result<std::vector<Action>> unfinished(std::string_view domain) override;
  [[nodiscard]] Result<void> remember(KnobState const &state) override;
  [[nodiscard]] Result<std::vector<KnobState>> recall(std::string_view domain) override;
  [[nodiscard]] Result<void> note(std::string_view domain, Observation const &observation) override;

  [[nodiscard]] std::vector<Action> const &lines() const { return lines_; }
  [[nodiscard]] std::size_t observations() const { return observations_; }

 private:
  [[nodiscard]] bool is_finished(Uuid const &id) const;

  std::vector<Action> lines_;
  std::map<std::pair<std::string, std::string>, KnobState> states_;
  std::size_t observations_ = 0;
};

}  // namespace tableforge::tuner
