#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <unordered_map>
#include <vector>

namespace tableforge::test {

/// What was asked for, in order. Keys are numbered from 0 in the order in which they first appear.
class CacheTrace {
 public:
  /// Appends one key under whatever number its writer knows it by.
  void ask(std::uint64_t key);
  [[nodiscard]] std::span<std::uint32_t const> keys() const { return keys_; }
  [[nodiscard]] std::size_t distinct() const { return numbers_.size(); }

 private:
  std::vector<std::uint32_t> keys_;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
};

/// Appends a recorded trace: gzip, a key per line. Keys of different files are different.
/// Throws std::runtime_error if the file cannot be read.
void append_recorded(CacheTrace &trace, std::filesystem::path const &keys_gz);

/// Which part of the trace a cache of so many entries of one size would have had, in each case starting empty.
[[nodiscard]] double policy_hit_rate(CacheTrace const &trace, std::size_t entries, std::uint64_t seed = 1);
[[nodiscard]] double lru_hit_rate(CacheTrace const &trace, std::size_t entries);
/// Belady's: what is next asked for latest leaves, or does not come in at all. No cache can do better.
[[nodiscard]] double optimal_hit_rate(CacheTrace const &trace, std::size_t entries);

}  // namespace tableforge::test
