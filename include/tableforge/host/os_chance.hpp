#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tableforge/table/chance.hpp"

namespace tableforge::host {

/// The chance that real tables draw from: OpenSSL's generator, which is cryptographic and seeded by the operating
/// system.
///
/// Draws come from a buffer that is filled in one call, because a shuffle takes hundreds of them. A word is wiped as
/// it is handed out, so memory read later tells nothing about the past, and of the future at most what the buffer
/// holds.
///
/// Threads: one for each thread; OpenSSL keeps a generator per thread too, so they do not meet in a lock.
/// Owns:    the buffer. Not copied, because two copies would draw the same numbers. For the same reason a process
///          must not fork and draw in both halves: OpenSSL reseeds itself after fork(), the buffer does not.
/// Bounds:  1 KiB.
/// Errors:  none; aborts if the generator fails, because a game without chance must not go on.
class OsChance final : public table::Chance {
 public:
  OsChance() = default;
  ~OsChance() override;
  OsChance(OsChance const &) = delete;
  OsChance &operator=(OsChance const &) = delete;

  std::uint64_t bits() override;

 private:
  void refill();

  std::array<std::uint64_t, 128> buffer_{};
  std::size_t unread_ = 0;  // The first so many words of the buffer; taken from the back.
};

}  // namespace tableforge::host
