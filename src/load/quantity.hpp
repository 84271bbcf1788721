#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace tableforge::load {

// Quantities as people read them, with three digits that count. What is not finite is "–".

/// "0.5", "12.3", "1,234".
std::string number_words(double value);
/// "950", "1.5k", "2M": short enough for the mark of an axis.
std::string short_number(double value);
/// "85 µs", "1.23 ms", "4.5 s".
std::string duration_words(std::chrono::nanoseconds duration);
/// "512 KB", "1.5 GB", in powers of 1,000.
std::string bytes_words(double bytes);
/// "0.75 cores".
std::string cores_words(double cores);

}  // namespace tableforge::load
