#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace tableforge {

/// 64-bit FNV-1a with a final mix: the same on every machine and in every version, so it may be stored.
/// Not for secrets and not against an adversary who gains from a collision.
class StableHash {
 public:
  constexpr StableHash &add(std::string_view text) {
    add(static_cast<std::uint64_t>(text.size()));
    for (char const c : text) step(static_cast<std::uint8_t>(c));
    return *this;
  }

  constexpr StableHash &add(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) step(static_cast<std::uint8_t>(value >> shift));
    return *this;
  }

  constexpr StableHash &add(double value) { return add(std::bit_cast<std::uint64_t>(value)); }

  /// The finaliser of splitmix64: FNV alone leaves the high bits of short inputs poorly mixed.
  [[nodiscard]] constexpr std::uint64_t value() const {
    std::uint64_t x = state_;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }

 private:
  constexpr void step(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001b3ULL; }

  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

}  // namespace tableforge
