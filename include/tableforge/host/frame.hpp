#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace tableforge::host {

/// Bytes ready for a socket: one frame or several, in memory that connections share and that nobody changes there
/// any more. One encoding serves every connection that may know the same.
struct Frame {
  std::shared_ptr<std::string const> memory;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t count = 0;  ///< Frames in it.

  [[nodiscard]] std::size_t size() const { return end - begin; }
  [[nodiscard]] std::string_view text() const { return std::string_view(*memory).substr(begin, size()); }

  /// All of `bytes`, as one frame.
  static Frame of(std::string bytes) {
    auto const size = static_cast<std::uint32_t>(bytes.size());
    return {.memory = std::make_shared<std::string const>(std::move(bytes)), .begin = 0, .end = size, .count = 1};
  }
};

}  // namespace tableforge::host
