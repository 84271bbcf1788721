#pragma once

#include <cmath>
#include <cstdint>

#include "tableforge/cache/class.hpp"

namespace tableforge::cache {

/// What may be done with a value that is at hand.
enum class Freshness : std::uint8_t {
  fresh,
  due,      ///< Still served, and better loaded anew now than when everybody finds it expired.
  stale,    ///< Past its time: served once more to whoever asks while it is loaded anew.
  expired,  ///< Not served in any case.
};

/// Judges by the knobs as they are now, so that changing one acts on what is cached already, in both directions.
///
/// Early refresh is XFetch: due if age - load_cost * beta * ln(u) >= ttl for a u drawn evenly from (0, 1], so that of
/// many readers one reloads shortly before the end, the sooner the longer a load takes (Vattani, Chierichetti,
/// Lowenstein: Optimal Probabilistic Cache Stampede Prevention, VLDB 2015).
///
/// `ttl` is the lifetime of this very value: while another one is tried, some have that.
///
/// `draw` is called for u, only when the end is near enough for it to matter.
template <class Draw>
Freshness judge(Entry const &entry, ClassSpec const &cls, Clock::duration ttl, Clock::time_point now, Draw &&draw) {
  auto const age = now - entry.filled_at;
  if (!entry.value) return age < cls.knobs.negative_ttl.get() ? Freshness::fresh : Freshness::expired;
  if (!cls.is_mutable()) return age < ttl ? Freshness::fresh : Freshness::expired;
  if (age >= ttl) {
    // A ttl of 0 means never, not stale for ever.
    bool const bearable = ttl > Clock::duration::zero() && age < ttl + cls.knobs.stale_while_revalidate.get();
    return bearable ? Freshness::stale : Freshness::expired;
  }
  // 2^-53 is the smallest u that can be drawn.
  constexpr double kLongestDraw = 37;
  double const unit = static_cast<double>(entry.load_cost.count()) * cls.knobs.early_refresh_beta.get();
  auto const left = static_cast<double>((ttl - age).count());
  if (left > unit * kLongestDraw) return Freshness::fresh;
  return -std::log(draw()) * unit >= left ? Freshness::due : Freshness::fresh;
}

/// u of judge(): a sequence of its own for each owner, cheap enough for every hit.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}

  double operator()() {
    // splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
    std::uint64_t x = state_ += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    x ^= x >> 31;
    return static_cast<double>((x >> 11) + 1) * 0x1.0p-53;
  }

 private:
  std::uint64_t state_;
};

}  // namespace tableforge::cache
