#include "log/stderr_sink.hpp"

#include <cerrno>
#include <string>

#include <poll.h>
#include <unistd.h>

#include "tableforge/log/log.hpp"

#include "log/line.hpp"

namespace tableforge::log {

void StderrSink::sink_it_(spdlog::details::log_msg const &message) {
  if (!writable()) {
    ++dropped_;
    return;
  }
  spdlog::memory_buf_t lines;
  if (dropped_ > 0) {
    Fields const fields{{"lines", dropped_}};
    auto *const form = json_ ? json_line : text_line;
    std::string const text = form(Level::warn, "log lines were dropped", fields, kLineBytesMax);
    formatter_->format(spdlog::details::log_msg(message.time, {}, {}, spdlog::level::warn, text), lines);
    write_all(lines.data(), lines.size());
    lines.clear();
    dropped_ = 0;
  }
  formatter_->format(message, lines);
  write_all(lines.data(), lines.size());
}

bool StderrSink::writable() {
  pollfd waiting{.fd = descriptor_, .events = POLLOUT, .revents = 0};
  int const wait_ms = stalled_ ? 0 : static_cast<int>(kStallWaitMax.count());
  int const ready = ::poll(&waiting, 1, wait_ms);
  stalled_ = ready <= 0;
  return !stalled_;
}

void StderrSink::write_all(char const *bytes, std::size_t size) {
  while (size > 0) {
    ssize_t const n = ::write(descriptor_, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    // Nobody is left to be told: the log itself is what failed.
    if (n <= 0) return;
    bytes += n;
    size -= static_cast<std::size_t>(n);
  }
}

}  // namespace tableforge::log
