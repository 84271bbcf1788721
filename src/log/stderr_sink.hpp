#pragma once

#include <cstdint>
#include <mutex>

#include <spdlog/sinks/base_sink.h>

namespace tableforge::log {

/// Writes lines to a descriptor and gives up on a reader that has stopped reading.
///
/// The descriptor stays in blocking mode, because it may be shared with the shell that started us; instead poll() is
/// asked first. A pipe that is writable takes a line of kLineBytesMax whole.
///
/// Threads: any; one at a time writes.
/// Bounds:  the first line of a stall waits kStallWaitMax, the following ones do not wait.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  StderrSink(int descriptor, bool json) : descriptor_(descriptor), json_(json) {}

 private:
  void sink_it_(spdlog::details::log_msg const &message) override;
  void flush_() override {}
  bool writable();
  void write_all(char const *bytes, std::size_t size);

  int descriptor_;
  bool json_;
  bool stalled_ = false;
  std::uint64_t dropped_ = 0;
};

}  // namespace tableforge::log
