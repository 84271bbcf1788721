#include "tableforge/base/time.hpp"

#include <cstdint>

namespace tableforge {

namespace {

/// Writes `width` digits and what comes behind them.
template <std::size_t width>
char *write_digits(char *out, std::uint32_t value, char behind) {
  for (std::size_t i = width; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
  out[width] = behind;
  return out + width + 1;
}

std::optional<int> digits_at(std::string_view text, std::size_t at, std::size_t width) {
  int value = 0;
  for (std::size_t i = at; i < at + width; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

void write_rfc3339(Time time, char *out) {
  auto const day = std::chrono::floor<std::chrono::days>(time);
  std::chrono::year_month_day const date(day);
  auto const micros = static_cast<std::uint64_t>((time - day).count());
  auto const seconds = static_cast<std::uint32_t>(micros / 1'000'000);
  out = write_digits<4>(out, static_cast<std::uint32_t>(static_cast<int>(date.year())), '-');
  out = write_digits<2>(out, static_cast<unsigned>(date.month()), '-');
  out = write_digits<2>(out, static_cast<unsigned>(date.day()), 'T');
  out = write_digits<2>(out, seconds / 3'600, ':');
  out = write_digits<2>(out, seconds / 60 % 60, ':');
  out = write_digits<2>(out, seconds % 60, '.');
  write_digits<6>(out, static_cast<std::uint32_t>(micros % 1'000'000), 'Z');
}

void append_rfc3339(std::string &out, Time time) {
  char text[kRfc3339Bytes];
  write_rfc3339(time, text);
  out.append(text, sizeof text);
}

std::string to_rfc3339(Time time) {
  std::string out(kRfc3339Bytes, '\0');
  write_rfc3339(time, out.data());
  return out;
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  constexpr std::size_t kWholeSeconds = 19;
  if (text.size() < kWholeSeconds + 1 || text.back() != 'Z') return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':') return std::nullopt;
  auto const year = digits_at(text, 0, 4);
  auto const month = digits_at(text, 5, 2);
  auto const day = digits_at(text, 8, 2);
  auto const hour = digits_at(text, 11, 2);
  auto const minute = digits_at(text, 14, 2);
  auto const second = digits_at(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  std::chrono::year_month_day const date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  std::int64_t micros = 0;
  std::string_view fraction = text.substr(kWholeSeconds, text.size() - kWholeSeconds - 1);
  if (!fraction.empty()) {
    if (fraction[0] != '.' || fraction.size() < 2 || fraction.size() > 7) return std::nullopt;
    fraction.remove_prefix(1);
    auto const value = digits_at(fraction, 0, fraction.size());
    if (!value) return std::nullopt;
    micros = *value;
    for (std::size_t i = fraction.size(); i < 6; ++i) micros *= 10;
  }
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) + std::chrono::microseconds(micros);
}

}  // namespace tableforge
