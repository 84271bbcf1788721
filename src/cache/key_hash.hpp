#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tableforge::cache {

/// 64 bits of a key, 16 bytes at a time: both halves are multiplied to 128 bits and folded, which mixes every bit into
/// every other. Fit for tables in memory and nothing else: it differs between machines and, by its seed, between runs.
/// StableHash goes byte by byte, which costs a key of 40 bytes 50 ns.
class KeyHash {
 public:
  explicit KeyHash(std::uint64_t seed) : seed_(fold(seed ^ kOdd1, kOdd2)) {}

  [[nodiscard]] std::uint64_t operator()(std::string_view key) const {
    auto state = seed_ ^ key.size();
    char const *at = key.data();
    std::size_t left = key.size();
    for (; left > 16; at += 16, left -= 16) state = fold(word(at, 8) ^ state, word(at + 8, 8) ^ kOdd1);
    auto const low = word(at, std::min<std::size_t>(left, 8));
    auto const high = left > 8 ? word(at + 8, left - 8) : 0;
    // Twice, because a half that happens to be zero swallows the other.
    return fold(fold(low ^ state, high ^ kOdd2) ^ seed_, state ^ kOdd1);
  }

 private:
  __extension__ using Wide = unsigned __int128;

  // The fractions of the square roots of 2 and 3, made odd.
  static constexpr std::uint64_t kOdd1 = 0x6a09'e667'f3bc'c909ULL;
  static constexpr std::uint64_t kOdd2 = 0xbb67'ae85'84ca'a73bULL;

  static std::uint64_t fold(std::uint64_t left, std::uint64_t right) {
    auto const product = static_cast<Wide>(left) * right;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

  static std::uint64_t word(char const *at, std::size_t bytes) {
    std::uint64_t value = 0;
    if (bytes == 8) {
      std::memcpy(&value, at, 8);  // One instruction; the other length is not known when compiling.
    } else if (bytes > 0) {
      std::memcpy(&value, at, bytes);
    }
    return value;
  }

  std::uint64_t seed_;
};

}  // namespace tableforge::cache
