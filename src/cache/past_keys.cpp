#include "tableforge/cache/past_keys.hpp"

#include <algorithm>
#include <bit>
#include <span>

namespace tableforge::cache {
namespace {

constexpr std::size_t kPlacesPerEntry = 8;

/// A power of two, as all its arguments are.
std::size_t places_for(std::size_t entries, std::size_t places_max) {
  return std::max(entries, std::min(entries * kPlacesPerEntry, places_max));
}

}  // namespace

KeyPast *PastKeys::find(std::uint64_t hash) {
  for (auto &past : std::span(row_of(hash), kWays)) {
    if (past.tag == tag_of(hash) && past.known()) return &past;
  }
  return nullptr;
}

KeyPast &PastKeys::place_for(std::uint64_t hash, ReuseTimes::Time now) {
  if (auto *const known = find(hash)) return *known;
  auto const row = std::span(row_of(hash), kWays);
  return *std::ranges::max_element(row, {}, [now](KeyPast const &past) {
    return past.known() ? std::uint64_t{now - past.asked_at} : std::uint64_t{1} << 32;
  });
}

void PastKeys::make_for(std::size_t entries, std::size_t bytes_max) {
  auto const rounded = std::bit_ceil(std::max(entries, kPlacesMin));
  auto const places_max = std::max(std::bit_floor(bytes_max / sizeof(KeyPast)), rounded);
  auto const places = places_for(rounded, places_max);
  // A quarter rather than a half, so that a size that swings about a power of two does not make it forget to and fro.
  if (places <= places_.size() && places_.size() <= std::min(places * 4, places_max)) return;
  places_ = std::vector<KeyPast>(places);
}

}  // namespace tableforge::cache
