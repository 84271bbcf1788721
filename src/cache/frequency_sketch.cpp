#include "tableforge/cache/frequency_sketch.hpp"

namespace tableforge::cache {

void FrequencySketch::make_for(std::size_t entries) {
  entries_ = entries;
  while (words_.size() < entries) {
    // The block is chosen by low bits of a mask, so a copy of the whole behind itself keeps every estimate as it was.
    auto const before = words_.size();
    words_.resize(before * 2);
    std::copy_n(words_.begin(), before, words_.begin() + static_cast<std::ptrdiff_t>(before));
    block_mask_ = words_.size() / kWordsPerBlock - 1;
  }
}

void FrequencySketch::halve() {
  for (auto &word : words_) word = (word >> 1) & 0x7777'7777'7777'7777ULL;
  counted_ /= 2;
  // A quarter rather than a half, so that a size that swings about a power of two does not make it copy to and fro.
  if (words_.size() > kWordsMin && entries_ < words_.size() / 4) fold();
}

/// Of two counters that become one the larger stays: an estimate may be too high, but never too low.
void FrequencySketch::fold() {
  auto const half = words_.size() / 2;
  for (std::size_t i = 0; i < half; ++i) {
    std::uint64_t folded = 0;
    for (unsigned shift = 0; shift < 64; shift += 4) {
      folded |= std::max((words_[i] >> shift) & kCountMax, (words_[half + i] >> shift) & kCountMax) << shift;
    }
    words_[i] = folded;
  }
  words_.resize(half);
  words_.shrink_to_fit();
  block_mask_ = half / kWordsPerBlock - 1;
}

}  // namespace tableforge::cache
