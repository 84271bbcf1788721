#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tableforge::load {

/// What a message of ours says about itself, so that whoever receives it knows how long it took without keeping a table
/// of what is on its way.
struct Mark {
  std::uint32_t sender = 0;  ///< Which client of the run.
  std::int64_t due = 0;      ///< Nanoseconds since the run began.

  bool operator==(Mark const &) const = default;
};

/// As an action's id: `l`, six and twelve hexadecimal digits. Of fixed width, so it is read without a search.
inline constexpr std::size_t kMarkIdBytes = 19;
inline constexpr std::int64_t kMarkDueMax = (std::int64_t{1} << 48) - 1;
inline constexpr std::uint32_t kMarkSenderMax = (std::uint32_t{1} << 24) - 1;

inline void append_mark_id(std::string &out, Mark mark) {
  static constexpr char kDigits[] = "0123456789abcdef";
  char text[kMarkIdBytes] = {'l'};
  for (std::size_t i = 6; i > 0; --i, mark.sender >>= 4) text[i] = kDigits[mark.sender & 15];
  auto due = static_cast<std::uint64_t>(mark.due);
  for (std::size_t i = 18; i > 6; --i, due >>= 4) text[i] = kDigits[due & 15];
  out.append(text, kMarkIdBytes);
}

namespace detail {
inline constexpr std::uint8_t kNoDigit = 0xff;
inline constexpr auto kHexValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::uint8_t i = 0; i < 10; ++i) values[static_cast<std::size_t>('0' + i)] = i;
  for (std::uint8_t i = 0; i < 6; ++i) values[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
  return values;
}();
}  // namespace detail

inline std::optional<Mark> parse_mark_id(std::string_view id) {
  if (id.size() != kMarkIdBytes || id.front() != 'l') return std::nullopt;
  std::uint64_t sender = 0;
  std::uint64_t due = 0;
  unsigned seen = 0;  // All digits' values together: beyond 15 if one of them was none.
  for (std::size_t i = 1; i < 7; ++i) {
    auto const value = detail::kHexValues[static_cast<std::uint8_t>(id[i])];
    seen |= value;
    sender = sender << 4 | value;
  }
  for (std::size_t i = 7; i < kMarkIdBytes; ++i) {
    auto const value = detail::kHexValues[static_cast<std::uint8_t>(id[i])];
    seen |= value;
    due = due << 4 | value;
  }
  if (seen > 15) return std::nullopt;
  return Mark{.sender = static_cast<std::uint32_t>(sender), .due = static_cast<std::int64_t>(due)};
}

/// As a cursor, whose numbers are at most 1e9: the sender and the hundreds of seconds, then the microseconds in those.
/// The server writes numbers in their shortest form, where a round one may become 1e+06; with a last digit of 1 it
/// stays plain digits.
inline constexpr std::uint32_t kCursorSenderMax = 99'999;
inline constexpr std::uint64_t kCursorPart = 100'000'000;  // Microseconds.
inline constexpr std::uint64_t kCursorParts = 1'000;       // A run of more than 27 hours begins again.

struct MarkCursor {
  std::uint64_t x = 0;
  std::uint64_t y = 0;
};

/// A due time that a cursor can carry.
constexpr std::int64_t due_at(std::int64_t nanoseconds) { return nanoseconds / 1'000 * 1'000; }

constexpr MarkCursor cursor_of(Mark mark) {
  auto const due = static_cast<std::uint64_t>(mark.due) / 1'000;
  return {.x = (std::uint64_t{mark.sender} * kCursorParts + due / kCursorPart % kCursorParts) * 10 + 1,
          .y = due % kCursorPart * 10 + 1};
}

constexpr std::optional<Mark> mark_of_cursor(std::uint64_t x, std::uint64_t y) {
  constexpr std::uint64_t kMax = 1'000'000'000;
  if (x % 10 != 1 || y % 10 != 1 || x > kMax || y > kMax) return std::nullopt;
  auto const due = x / 10 % kCursorParts * kCursorPart + y / 10;
  return Mark{.sender = static_cast<std::uint32_t>(x / 10 / kCursorParts),
              .due = static_cast<std::int64_t>(due) * 1'000};
}

}  // namespace tableforge::load
