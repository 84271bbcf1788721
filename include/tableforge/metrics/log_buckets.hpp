#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

/// The pure arithmetic of logarithmic buckets: each power of two is cut into 32 equal parts.
namespace tableforge::metrics::log_buckets {

inline constexpr unsigned kPartBits = 5;
inline constexpr std::uint64_t kParts = 1u << kPartBits;
/// 2^44 ns are 4.9 hours, 2^44 bytes 17 TB: whatever is larger is counted as the largest.
inline constexpr unsigned kValueBits = 44;
inline constexpr std::uint64_t kValueMax = (std::uint64_t{1} << kValueBits) - 1;
/// Values below 2^kPartBits have a bucket each; every further power of two has kParts.
inline constexpr std::size_t kCount = (kValueBits - kPartBits + 1) * kParts;

constexpr std::size_t index_of(std::uint64_t value) {
  value = std::min(value, kValueMax);
  if (value < kParts) return static_cast<std::size_t>(value);
  auto const exponent = static_cast<unsigned>(std::bit_width(value)) - 1;
  unsigned const shift = exponent - kPartBits;
  return static_cast<std::size_t>((shift + 1) * kParts + ((value >> shift) & (kParts - 1)));
}

/// The smallest value of a bucket.
constexpr std::uint64_t lower_of(std::size_t index) {
  if (index < kParts) return index;
  std::uint64_t const shift = index / kParts - 1;
  return (kParts + index % kParts) << shift;
}

/// How many values share a bucket.
constexpr std::uint64_t width_of(std::size_t index) {
  return index < kParts ? 1 : std::uint64_t{1} << (index / kParts - 1);
}

/// The value that stands for a bucket: off by at most half a bucket, 1/64 of the value.
constexpr std::uint64_t middle_of(std::size_t index) { return lower_of(index) + (width_of(index) - 1) / 2; }

static_assert(index_of(kValueMax) == kCount - 1);
static_assert(lower_of(kCount - 1) + width_of(kCount - 1) - 1 == kValueMax);

}  // namespace tableforge::metrics::log_buckets
