#pragma once

#include <chrono>

namespace tableforge::load {

/// For people.
inline double in_milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace tableforge::load
