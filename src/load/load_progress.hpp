#pragma once

#include <cstdint>
#include <string_view>

#include "tableforge/load/load_report.hpp"

namespace tableforge::load {

/// Shows on stderr how a run is getting on: one line that is rewritten on a terminal, a line each time elsewhere.
class LoadProgress {
 public:
  explicit LoadProgress(bool shown);
  ~LoadProgress();
  LoadProgress(LoadProgress const &) = delete;
  LoadProgress &operator=(LoadProgress const &) = delete;

  void setting_up(std::uint64_t ready, std::uint64_t clients);
  void running(std::string_view stage, LoadSample const &sample, LoadStage const &total);

 private:
  void show(char const *line);

  bool shown_;
  bool terminal_;
  bool line_open_ = false;
};

}  // namespace tableforge::load
