#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace tableforge::test {

/// Asks until it holds. False: it did not within the limit, which is there for tests that fail, not to be waited for.
inline bool holds_soon(std::function<bool()> const &holds, std::chrono::seconds limit = std::chrono::seconds(30)) {
  auto const deadline = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace tableforge::test
