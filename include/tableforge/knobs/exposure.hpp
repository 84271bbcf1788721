#pragma once

#include <cstdint>

namespace tableforge {

/// On which side of a trial something is.
enum class TrialSide : std::uint8_t {
  outside,  ///< Keeps the old value and is not compared.
  control,  ///< Keeps the old value.
  treated,  ///< Has the new one, or will have it.
};

/// Who has the new value: a share of everything, told apart by hash.
///
/// A share of 0 is nobody, 1 is everybody. Between them (up to 1/2) the control cohort is another share of the same
/// size, and `swapped` exchanges the two: what one cohort costs more than the other because of what happens to be in it
/// is then measured on both sides alike, and falls out. With one hot key in a cohort that is most of the difference.
///
/// A larger share includes each smaller one of the same salt, so that nothing changes its side when a trial grows.
///
/// Threads: any; a value.
struct Exposure {
  double share = 0;
  std::uint64_t salt = 0;  ///< Of the trial: the next one parts things differently.
  bool swapped = false;
  bool armed = true;  ///< If not, sides are told apart, and nobody has the new value yet.

  [[nodiscard]] constexpr bool has_new_value(std::uint64_t hash) const {
    return armed && side_of(hash) == TrialSide::treated;
  }
  /// `hash` is the same for the same thing at any time, and in all processes where they share what is tried.
  [[nodiscard]] constexpr TrialSide side_of(std::uint64_t hash) const {
    if (share <= 0) return TrialSide::control;
    if (share >= 1) return TrialSide::treated;
    auto const limit = static_cast<std::uint64_t>(share * 0x1p64);
    auto const place = mixed(hash);
    if (place < limit) return swapped ? TrialSide::control : TrialSide::treated;
    if (~place < limit) return swapped ? TrialSide::treated : TrialSide::control;
    return TrialSide::outside;
  }

  friend bool operator==(Exposure const &, Exposure const &) = default;

 private:
  /// The finaliser of splitmix64, so that hashes which differ in few bits are parted too.
  [[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t hash) const {
    std::uint64_t x = hash ^ salt;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }
};

}  // namespace tableforge
