#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tableforge::load {

/// Watches numbers that should come one after the other, each once.
///
/// Bounds: remembers kGapsMax gaps, the newest; a number that fills an older one counts as doubled.
class Sequence {
 public:
  static constexpr std::size_t kGapsMax = 64;

  /// What one number showed. `missing` may be made up for later, by late ones.
  struct Found {
    std::uint64_t missing = 0;  ///< Numbers that were skipped before this one.
    bool late = false;          ///< It was missing, and is out of order.
    bool doubled = false;
  };

  Sequence() = default;
  explicit Sequence(std::uint64_t last) : last_(last) {}

  [[nodiscard]] std::uint64_t last() const { return last_; }

  Found take(std::uint64_t number) {
    if (number == last_ + 1) {
      last_ = number;
      return {};
    }
    return take_unexpected(number);
  }

  /// From here on, whatever came before.
  void jump(std::uint64_t number) {
    last_ = number;
    gaps_.clear();
  }

 private:
  struct Gap {
    std::uint64_t first;
    std::uint64_t last;
  };

  Found take_unexpected(std::uint64_t number) {
    if (number > last_) {
      Found const found{.missing = number - last_ - 1};
      if (gaps_.size() == kGapsMax) gaps_.erase(gaps_.begin());
      gaps_.push_back({.first = last_ + 1, .last = number - 1});
      last_ = number;
      return found;
    }
    auto const gap =
        std::ranges::find_if(gaps_, [&](Gap const &each) { return each.first <= number && number <= each.last; });
    if (gap == gaps_.end()) return {.doubled = true};
    Gap const behind{.first = number + 1, .last = gap->last};
    gap->last = number - 1;
    bool const nothing_before = gap->first > gap->last;
    if (nothing_before) gaps_.erase(gap);
    if (behind.first <= behind.last) gaps_.push_back(behind);
    return {.late = true};
  }

  std::uint64_t last_ = 0;
  std::vector<Gap> gaps_;
};

}  // namespace tableforge::load
