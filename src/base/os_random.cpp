#include "tableforge/base/os_random.hpp"

#include <cerrno>

#include <sys/random.h>

#include "tableforge/base/check.hpp"

namespace tableforge {

void os_random(std::span<std::byte> out) {
  while (!out.empty()) {
    ssize_t const n = ::getrandom(out.data(), out.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    TF_CHECK(n > 0);
    out = out.subspan(static_cast<std::size_t>(n));
  }
}

}  // namespace tableforge
