#pragma once

#include <charconv>
#include <chrono>
#include <concepts>
#include <optional>
#include <string_view>

namespace tableforge::config {

/// A whole number in decimal digits and nothing else.
template <std::unsigned_integral N>
std::optional<N> read_number(std::string_view text) {
  N value{};
  auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A number in plain decimal notation, with or without a fraction, and nothing else.
std::optional<double> read_decimal(std::string_view text);

/// A whole number and its unit: 500ms, 20s, 5m.
std::optional<std::chrono::milliseconds> read_duration(std::string_view text);

/// true, false, 1, 0, yes, no, on, off.
std::optional<bool> read_switch(std::string_view text);

}  // namespace tableforge::config
