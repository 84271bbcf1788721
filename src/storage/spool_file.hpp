#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/result.hpp"

namespace tableforge::storage {

/// Lines on disk that wait to go elsewhere, in order. They outlive the process, and a crash at any moment: what add()
/// has promised is there, and half a line is not.
///
/// Threads: one.
/// Owns:    the file, which no other process uses.
/// Bounds:  `bytes_max`.
/// Errors:  overloaded beyond the bound; unavailable for a disk that refuses.
class SpoolFile {
 public:
  SpoolFile(std::filesystem::path path, std::size_t bytes_max);

  /// A text without a line's end. On disk when this returns.
  [[nodiscard]] Result<void> add(std::string_view line);
  [[nodiscard]] std::vector<std::string> const &lines() const { return lines_; }
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  /// All of them are where they belong.
  void clear();

 private:
  std::filesystem::path path_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::vector<std::string> lines_;
};

}  // namespace tableforge::storage
