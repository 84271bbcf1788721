#pragma once

namespace tableforge {

/// Prints the broken invariant and aborts. Called through TF_CHECK only.
[[noreturn]] void check_failed(char const *condition, char const *file, int line);

}  // namespace tableforge

/// An invariant of our own code: on in release builds too, and never used to judge the outside world.
#define TF_CHECK(condition)                                       \
  do {                                                            \
    if (!(condition)) [[unlikely]]                                \
      ::tableforge::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
