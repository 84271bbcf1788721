#include "tableforge/base/write_all.hpp"

#include <cerrno>

#include <unistd.h>

namespace tableforge {

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    ssize_t const written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace tableforge
