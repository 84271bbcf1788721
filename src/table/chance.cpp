#include "tableforge/table/chance.hpp"

#include <limits>

#include "tableforge/base/check.hpp"

namespace tableforge::table {

std::uint64_t Chance::below(std::uint64_t n) {
  TF_CHECK(n > 0);
  // 2^64 mod n, by wrap-around: so many values at the top would favour the small results, and are drawn again.
  std::uint64_t const tail = (0 - n) % n;
  std::uint64_t const last_fair = std::numeric_limits<std::uint64_t>::max() - tail;
  std::uint64_t drawn = bits();
  while (drawn > last_fair) drawn = bits();
  return drawn % n;
}

}  // namespace tableforge::table
