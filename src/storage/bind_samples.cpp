#include "tableforge/storage/bind_samples.hpp"

#include <algorithm>

namespace tableforge::storage {

namespace {

/// Beyond this many, values are replaced as often as ever: old ones must fade, or a game of last month is asked about.
constexpr std::uint64_t kMemory = 32 * BindSamples::kSets;

}  // namespace

void BindSamples::keep(char const *name, char const *sql, std::span<std::string const> values) {
  if (!std::string_view(sql).starts_with("select")) return;
  if (std::ranges::any_of(values, [](auto const &value) { return value.size() > kValueBytesMax; })) return;
  kept_.with([&](Kept &kept) {
    auto found = kept.reservoirs.find(name);
    if (found == kept.reservoirs.end()) {
      if (kept.reservoirs.size() >= kStatements) return;
      found = kept.reservoirs.emplace(name, Reservoir{{name, sql, {}}, 0}).first;
    }
    Reservoir &reservoir = found->second;
    reservoir.seen = std::min(reservoir.seen + 1, kMemory);
    auto &sets = reservoir.statement.binds;
    if (sets.size() < kSets) {
      sets.emplace_back(values.begin(), values.end());
      return;
    }
    auto const place = kept.random() % reservoir.seen;
    if (place < kSets) sets[place].assign(values.begin(), values.end());
  });
}

std::vector<tuner::SampledStatement> BindSamples::statements() const {
  return kept_.with([](Kept const &kept) {
    std::vector<tuner::SampledStatement> statements;
    for (auto const &[name, reservoir] : kept.reservoirs) statements.push_back(reservoir.statement);
    return statements;
  });
}

}  // namespace tableforge::storage
