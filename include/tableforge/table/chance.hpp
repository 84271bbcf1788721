#pragma once

#include <cstdint>

#include "tableforge/base/ids.hpp"

namespace tableforge::table {

/// Where shuffles, dice and new ids come from. The rules draw from whatever source they are handed, so that a test
/// can seed it; the real one is cryptographic.
class Chance {
 public:
  virtual ~Chance() = default;

  /// 64 uniformly random bits.
  virtual std::uint64_t bits() = 0;

  /// Uniform in [0, n), n > 0: draws below the largest multiple of n, and draws again otherwise, so no modulo bias.
  std::uint64_t below(std::uint64_t n);

  /// A piece id; 64 random bits do not meet at one table.
  PieceId piece_id() { return PieceId(bits()); }
};

}  // namespace tableforge::table
