#include "app/open_files.hpp"

#include <sys/resource.h>

namespace tableforge::app {

OpenFiles open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  return {.now = limit.rlim_cur, .hard = limit.rlim_max};
}

OpenFiles raise_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  return open_files();
}

}  // namespace tableforge::app
