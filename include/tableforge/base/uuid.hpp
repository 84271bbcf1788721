#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tableforge {

/// 128 bits, written as 8-4-4-4-12 lower-case hexadecimal digits.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// A random (version 4) UUID from the operating system's generator.
  static Uuid random();
  static std::optional<Uuid> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  static constexpr std::size_t kTextBytes = 36;
  /// The same, to where kTextBytes fit.
  void write_text(char *out) const;

  auto operator<=>(Uuid const &) const = default;
};

struct UuidHash {
  std::size_t operator()(Uuid const &uuid) const noexcept {
    // The bits are random already; half of them make a good hash.
    std::uint64_t half = 0;
    std::memcpy(&half, uuid.bytes.data() + 8, sizeof half);
    return static_cast<std::size_t>(half);
  }
};

}  // namespace tableforge

template <>
struct std::hash<tableforge::Uuid> : tableforge::UuidHash {};
