#pragma once

#include <filesystem>
#include <fstream>
#include <string_view>

#include "load/json.hpp"

namespace tableforge::load {

/// Writes every message of one table's viewers, one JSON line each: `{"viewer","direction","frame"}`, the direction
/// being "received" or "sent" as the viewer sees it.
///
/// Threads: one.
/// Errors:  Trouble if the file cannot be written.
class FrameRecorder {
 public:
  explicit FrameRecorder(std::filesystem::path const &file);

  void received(std::string_view viewer, Json const &frame) { write(viewer, "received", frame); }
  /// Without the token that a hello carries: records are kept and passed on.
  void sent(std::string_view viewer, Json frame);

 private:
  void write(std::string_view viewer, std::string_view direction, Json const &frame);

  std::filesystem::path file_;
  std::ofstream output_;
};

}  // namespace tableforge::load
