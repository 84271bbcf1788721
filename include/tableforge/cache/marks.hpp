#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tableforge/cache/entry.hpp"

namespace tableforge::cache {

/// The versions below which keys are refused, for the latest keys of which this was said.
///
/// A ring: the newest mark takes the place of the oldest. A key that is marked again while its mark is in the older
/// half gets a new one, so each mark is remembered until kMarksMax / 2 others were made after it, at the least.
///
/// Threads: one.
/// Bounds:  64 KiB from the first mark on, kMarksMax of them.
class Marks {
 public:
  static constexpr std::size_t kMarksMax = 2048;

  /// Values of this key that are older than `version` are refused from now on. Never lowers a mark.
  void mark(std::uint64_t hash, Version version);
  /// 0 if nothing is remembered.
  [[nodiscard]] Version of(std::uint64_t hash) const;

 private:
  struct Mark {
    std::uint64_t hash = 0;
    Version version = 0;
    std::uint64_t previous = 0;  // The next older of the same bucket.
  };

  // Marks are numbered from 1 in the order of their making; a number that is too old is a mark that is gone.
  [[nodiscard]] std::uint64_t number_of(std::uint64_t hash) const;
  [[nodiscard]] bool is_remembered(std::uint64_t number) const { return number != 0 && number + kMarksMax > latest_; }

  std::vector<Mark> marks_;
  std::vector<std::uint64_t> buckets_;  // The number of the newest mark in each.
  std::uint64_t latest_ = 0;
};

}  // namespace tableforge::cache
