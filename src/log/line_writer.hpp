#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

namespace tableforge::log {

/// Writes lines to a descriptor and gives up on a reader that has stopped reading.
///
/// The descriptor stays in blocking mode, because it may be shared with the shell that started us; instead poll() is
/// asked first. A pipe that is writable takes a line of kLineBytesMax whole.
///
/// Threads: one at a time.
/// Bounds:  the first line of a stall waits kStallWaitMax, the following ones do not wait.
/// Errors:  none; what could not be written is counted.
class LineWriter {
 public:
  explicit LineWriter(int descriptor) : descriptor_(descriptor) {}

  /// Whether a line can be written now. If not, it counts as lost.
  [[nodiscard]] bool ready();
  /// False if not all of it could be written.
  bool write(std::string_view line);
  /// How many were lost since this was last asked.
  [[nodiscard]] std::uint64_t take_lost() { return std::exchange(lost_, 0); }

 private:
  int descriptor_;
  bool stalled_ = false;
  std::uint64_t lost_ = 0;
};

}  // namespace tableforge::log
