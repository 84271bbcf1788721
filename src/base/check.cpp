#include "tableforge/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace tableforge {

void check_failed(char const *condition, char const *file, int line) {
  std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, condition);
  std::abort();
}

}  // namespace tableforge
