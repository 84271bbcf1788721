#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace tableforge::cache {

/// When things are asked for again, learnt from those that were, and what it is worth to keep one of them until then.
///
/// A key is of a kind: how often it was asked for, and after how long the last time. For each kind and age the hazard
/// is learnt, the chance that the key is asked for in the next moment if it was not until now: those that were, by the
/// time that all waited there, whether they are kept or not. To keep something until age t earns a hit with some
/// probability and costs room for some time, and its worth is the best ratio of the two that any t gives:
///
///     worth(kind, age) = max over t of P(asked for until t | not until age) / E(time until then or t)
///
/// That is the index of Gittins ("Bandit processes and dynamic allocation indices", 1979). For a key that comes back
/// soon or never it falls with age, as LRU would have it; for one in a loop it rises. Where a kind has seen little, its
/// hazard is that of all keys asked for as often, and where these have seen little, that of all.
///
/// Time is counted in accesses, and ages in four steps for each doubling.
///
/// Threads: one.
/// Bounds:  45 KiB. Each call is O(1), but learn(), which passes over all of it.
class ReuseTimes {
 public:
  using Time = std::uint32_t;  // It wraps around.
  using Kind = std::uint8_t;

  static constexpr Kind kNone = 255;

  ReuseTimes();

  /// For a cache of so many entries, against which times are short or long. Forgets all if the number is another.
  void make_for(std::size_t entries);

  /// Never asked for, or once.
  [[nodiscard]] static Kind kind_of_new(unsigned count) { return static_cast<Kind>(level_of(count) * kGaps); }
  /// Asked for so often, the last time after `gap`.
  [[nodiscard]] Kind kind_of(unsigned count, Time gap) const {
    return static_cast<Kind>(level_of(count) * kGaps + static_cast<unsigned>(gap_of(gap)));
  }

  /// Keys of that kind were not asked for between two ages, the younger first.
  void waited(Kind kind, Time from, Time to, float keys = 1) {
    auto *const cells = cells_[kind].data();
    auto const first = step_of(from);
    auto const last = step_of(to);
    // All steps before `last` are passed; what is missing of the first and of the last is told apart.
    cells[first].waited -= keys * static_cast<float>(from - begin_of(first));
    cells[first].passed += keys;
    cells[last].waited += keys * static_cast<float>(to - begin_of(last));
    cells[last].passed -= keys;
  }
  void asked_again(Kind kind, Time age) { cells_[kind][step_of(age)].asked += 1; }

  /// Takes account of what was told since. Of what was known before, `kept` remains; of what that changes in worths,
  /// they follow a part.
  void learn(double kept, double followed = 1);

  [[nodiscard]] float worth(Kind kind, Time age) const { return worth_[kind][step_of(age)]; }

 private:
  static constexpr unsigned kLevels = 8;
  static constexpr unsigned kGaps = 9;
  static constexpr std::size_t kKinds = kLevels * kGaps;
  static constexpr std::size_t kSteps = 40;  // The last is without end, and begins at 14 to 28 times the entries.

  struct Cell {
    float waited = 0;  // Beside what those that passed have waited.
    float passed = 0;  // How many more began to wait here than ended.
    float asked = 0;
  };

  static unsigned level_of(unsigned count) {
    return std::min(static_cast<unsigned>(std::bit_width(count)), kLevels - 1);
  }
  [[nodiscard]] int gap_of(Time gap) const;
  [[nodiscard]] std::size_t step_of(Time age) const {
    auto const units = age >> unit_bits_;
    if (units < 4) return units;
    auto const octave = static_cast<unsigned>(std::bit_width(units)) - 3;
    return std::min(std::size_t{4 * octave + (units >> octave)}, kSteps - 1);
  }
  [[nodiscard]] Time begin_of(std::size_t step) const {
    auto const units = step < 4 ? step : (4 + step % 4) << (step / 4 - 1);
    return static_cast<Time>(units << unit_bits_);
  }
  void forget();

  std::array<std::array<Cell, kSteps>, kKinds> cells_;
  std::array<std::array<float, kSteps>, kKinds> worth_;
  std::size_t entries_ = 1;
  unsigned unit_bits_ = 0;
};

}  // namespace tableforge::cache
