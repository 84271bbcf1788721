#include "tableforge/cache/recent_keys.hpp"

#include <bit>

namespace tableforge::cache {

void RecentKeys::resize() {
  while ((entries_ >> sample_bits_) > kFollowedMax) ++sample_bits_;
  sample_mask_ = (std::uint64_t{1} << sample_bits_) - 1;
  slots_.assign(4 * std::bit_ceil(std::max(entries_ >> sample_bits_, kFollowedMin)), {});
  next_generation();
}

}  // namespace tableforge::cache
