#include "log/line_writer.hpp"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

#include "tableforge/log/log.hpp"

namespace tableforge::log {

bool LineWriter::ready() {
  pollfd waiting{.fd = descriptor_, .events = POLLOUT, .revents = 0};
  int const wait_ms = stalled_ ? 0 : static_cast<int>(kStallWaitMax.count());
  stalled_ = ::poll(&waiting, 1, wait_ms) <= 0;
  if (stalled_) ++lost_;
  return !stalled_;
}

bool LineWriter::write(std::string_view line) {
  while (!line.empty()) {
    ssize_t const n = ::write(descriptor_, line.data(), line.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      ++lost_;
      return false;
    }
    line.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace tableforge::log
