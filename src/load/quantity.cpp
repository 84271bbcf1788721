#include "load/quantity.hpp"

#include <cmath>
#include <cstdio>

namespace tableforge::load {

namespace {

/// With up to `digits` behind the point, and no zeros at the end of those.
std::string with_decimals(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  std::string number = text;
  if (number.find('.') != std::string::npos) {
    while (number.back() == '0') number.pop_back();
    if (number.back() == '.') number.pop_back();
  }
  return number;
}

/// Three digits that count, below a thousand.
std::string three_digits(double value) {
  double const size = std::fabs(value);
  if (size >= 99.95) return with_decimals(value, 0);
  if (size >= 9.995) return with_decimals(value, 1);
  return with_decimals(value, size >= 0.0995 ? 2 : 4);
}

struct Unit {
  double least;
  double size;
  char const *suffix;
};

template <std::size_t N>
std::string in_unit(double value, Unit const (&units)[N]) {
  // What rounds up to a thousand of a unit is one of the next.
  for (Unit const &unit : units) {
    if (std::fabs(value) >= unit.least) return three_digits(value / unit.size) + unit.suffix;
  }
  return three_digits(value / units[N - 1].size) + units[N - 1].suffix;
}

}  // namespace

std::string number_words(double value) {
  if (!std::isfinite(value)) return "–";
  // Above this a double has no unit digits left, and the text would be longer than anybody reads.
  if (std::fabs(value) >= 1e15) return short_number(value);
  std::string text = three_digits(value);
  std::size_t const first = text.front() == '-' ? 1 : 0;
  std::size_t const point = text.find('.');
  std::size_t digits = (point == std::string::npos ? text.size() : point) - first;
  while (digits > 3) {
    digits -= 3;
    text.insert(first + digits, ",");
  }
  return text;
}

std::string short_number(double value) {
  if (!std::isfinite(value)) return "–";
  static constexpr Unit kUnits[] = {
      {999.5e9, 1e12, "T"}, {999.5e6, 1e9, "G"}, {999.5e3, 1e6, "M"}, {999.5, 1e3, "k"}, {0, 1, ""}};
  return in_unit(value, kUnits);
}

std::string duration_words(std::chrono::nanoseconds duration) {
  static constexpr Unit kUnits[] = {{999.5e6, 1e9, " s"}, {999.5e3, 1e6, " ms"}, {999.5, 1e3, " µs"}, {0, 1, " ns"}};
  double const nanoseconds = static_cast<double>(duration.count());
  if (nanoseconds == 0) return "0";
  return in_unit(nanoseconds, kUnits);
}

std::string bytes_words(double bytes) {
  if (!std::isfinite(bytes)) return "–";
  static constexpr Unit kUnits[] = {
      {999.5e6, 1e9, " GB"}, {999.5e3, 1e6, " MB"}, {999.5, 1e3, " KB"}, {0, 1, " bytes"}};
  return in_unit(bytes, kUnits);
}

std::string cores_words(double cores) {
  if (!std::isfinite(cores)) return "–";
  return with_decimals(cores, 2) + (with_decimals(cores, 2) == "1" ? " core" : " cores");
}

}  // namespace tableforge::load
