#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/guarded.hpp"
#include "tableforge/tuner/ports/database.hpp"

namespace tableforge::storage {

/// Real values of our reading statements, for the planner to be asked with: what pg_stat_statements has normalised
/// away.
///
/// One execution in 64 is looked at, and all of the first 2,048, so that a server that has just begun has something to
/// say. Values stay in memory: they are in no log and no record, since a bind may be an invitation's code.
///
/// Threads: any.
/// Bounds:  32 sets of values for each of at most 64 statements; values of more than 1 KiB are left out.
class BindSamples {
 public:
  static constexpr std::size_t kSets = 32;
  static constexpr std::size_t kStatements = 64;
  static constexpr std::size_t kValueBytesMax = 1024;
  static constexpr std::uint64_t kEvery = 64;
  static constexpr std::uint64_t kFirst = 2'048;

  /// Costs an addition, but for what is looked at.
  void saw(char const *name, char const *sql, std::span<std::string const> values) {
    auto const n = seen_.fetch_add(1, std::memory_order_relaxed);
    if (n >= kFirst && n % kEvery != 0) return;
    keep(name, sql, values);
  }

  [[nodiscard]] std::vector<tuner::SampledStatement> statements() const;

 private:
  struct Reservoir {
    tuner::SampledStatement statement;
    std::uint64_t seen = 0;
  };
  struct Kept {
    std::map<std::string, Reservoir, std::less<>> reservoirs;
    std::minstd_rand random;  // Which values are replaced is no secret and no decision.
  };

  void keep(char const *name, char const *sql, std::span<std::string const> values);

  std::atomic<std::uint64_t> seen_ = 0;
  Guarded<Kept> kept_;
};

}  // namespace tableforge::storage
