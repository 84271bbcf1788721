#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tableforge {

/// A moment as events carry it: UTC, microseconds.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// The wall clock. Pure code is handed a Time instead of calling this.
inline Time wall_clock_now() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

/// RFC 3339 in UTC with microseconds: 2026-11-23T18:30:00.000000Z.
std::string to_rfc3339(Time time);
/// Appends the same to `out`, without allocating beyond it.
void append_rfc3339(std::string &out, Time time);
inline constexpr std::size_t kRfc3339Bytes = 27;
/// The same, to where kRfc3339Bytes fit; of years from 0 to 9999.
void write_rfc3339(Time time, char *out);
/// Reads what to_rfc3339 writes; the fraction may be absent or up to six digits long.
std::optional<Time> parse_rfc3339(std::string_view text);

}  // namespace tableforge
