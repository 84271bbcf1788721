#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tableforge::cache {

/// How often a hash was seen lately, roughly and in few bits: a count-min sketch of 4-bit counters that are halved once
/// ten times as many were counted as there are entries (Cormode and Muthukrishnan 2005; Einziger, Friedman and Manes,
/// "TinyLFU", 2017).
///
/// The four counters of a hash lie in one cache line, so counting costs one miss at most. Measured and left out:
/// raising only the lowest of the four, which follows a change more slowly (0.385 instead of 0.409 on
/// corda+loop+corda); halving every 3 entries' worth (0.377 instead of 0.430); a doorkeeper, whose bits a sketch of
/// this size does not need.
///
/// Threads: one.
/// Bounds:  8 to 16 bytes per entry it is made for. Growing and halving pass over it once, which is 1 ms in a million
///          entries, and happen at most once in as many accesses as there are entries.
class FrequencySketch {
 public:
  static constexpr unsigned kCountMax = 15;

  FrequencySketch() : words_(kWordsMin), block_mask_(kWordsMin / kWordsPerBlock - 1) {}

  void count(std::uint64_t hash) {
    auto const block = block_of(hash);
    bool raised = false;
    for (unsigned row = 0; row < kRows; ++row) {
      auto const place = place_of(block, row, hash);
      if (((words_[place.word] >> place.shift) & kCountMax) == kCountMax) continue;
      words_[place.word] += std::uint64_t{1} << place.shift;
      raised = true;
    }
    if (raised && ++counted_ >= std::max(entries_, kEntriesMin) * kPeriod) halve();
  }

  [[nodiscard]] unsigned estimate(std::uint64_t hash) const {
    auto const block = block_of(hash);
    unsigned least = kCountMax;
    for (unsigned row = 0; row < kRows; ++row) {
      auto const place = place_of(block, row, hash);
      least = std::min(least, static_cast<unsigned>(words_[place.word] >> place.shift) & kCountMax);
    }
    return least;
  }

  /// Grows until it serves as many entries; what was counted stays. It shrinks when it is next halved.
  void make_for(std::size_t entries);

  [[nodiscard]] std::size_t bytes() const { return words_.size() * sizeof(std::uint64_t); }

 private:
  static constexpr unsigned kRows = 4;
  static constexpr std::size_t kWordsPerBlock = 8;  // A cache line.
  static constexpr std::size_t kWordsMin = 64;
  static constexpr std::size_t kEntriesMin = kWordsMin;
  static constexpr std::size_t kPeriod = 10;

  struct Place {
    std::size_t word;
    unsigned shift;
  };

  // The upper half of the hash finds the block, each byte of the lower half a counter among the 32 of its row.
  [[nodiscard]] std::size_t block_of(std::uint64_t hash) const { return (hash >> 32) & block_mask_; }
  [[nodiscard]] static Place place_of(std::size_t block, unsigned row, std::uint64_t hash) {
    auto const choice = static_cast<unsigned>(hash >> (8 * row)) & 31;
    return {block * kWordsPerBlock + 2 * row + (choice & 1), (choice >> 1) * 4};
  }

  void halve();
  void fold();

  std::vector<std::uint64_t> words_;
  std::size_t block_mask_;
  std::size_t counted_ = 0;
  std::size_t entries_ = 0;
};

}  // namespace tableforge::cache
