#include "support/cache_traces.hpp"

#include <cstring>
#include <limits>
#include <memory>
#include <queue>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <zlib.h>

#include "tableforge/base/stable_hash.hpp"
#include "tableforge/cache/policy.hpp"

namespace tableforge::test {
namespace {

double rate(std::size_t hits, CacheTrace const &trace) {
  return trace.keys().empty() ? 0 : static_cast<double>(hits) / static_cast<double>(trace.keys().size());
}

}  // namespace

void CacheTrace::ask(std::uint64_t key) {
  keys_.push_back(numbers_.try_emplace(key, static_cast<std::uint32_t>(numbers_.size())).first->second);
}

void append_recorded(CacheTrace &trace, std::filesystem::path const &keys_gz) {
  std::unique_ptr<gzFile_s, int (*)(gzFile)> const file(gzopen(keys_gz.c_str(), "rb"), gzclose);
  if (file == nullptr) throw std::runtime_error("cannot read " + keys_gz.string());
  auto const name = keys_gz.filename().string();
  char line[4096];
  while (gzgets(file.get(), line, sizeof line) != nullptr) {
    std::string_view key(line);
    if (key.ends_with('\n')) key.remove_suffix(1);
    trace.ask(StableHash().add(name).add(key).value());
  }
  int error = Z_OK;
  char const *const why = gzerror(file.get(), &error);
  // Cut short is an error too, which only the end of the reading tells.
  if (error != Z_OK || gzeof(file.get()) == 0) throw std::runtime_error("cannot read " + name + ": " + why);
}

double policy_hit_rate(CacheTrace const &trace, std::size_t entries, std::uint64_t seed) {
  struct Known : cache::Policy::Node {
    bool here = false;
  };
  cache::Policy policy(entries, seed);
  std::vector<Known> known(trace.distinct());
  for (std::size_t i = 0; i < known.size(); ++i) {
    known[i].hash = StableHash().add(seed).add(std::uint64_t{i}).value();
    known[i].weight = 1;
  }
  std::size_t hits = 0;
  for (auto const key : trace.keys()) {
    auto &node = known[key];
    if (node.here) {
      ++hits;
      policy.touch(node);
      continue;
    }
    policy.miss(node.hash);
    cache::Policy::List evicted;
    node.here = true;
    policy.add(node, evicted);
    while (auto *const gone = evicted.oldest()) {
      evicted.remove(*gone);
      static_cast<Known *>(gone)->here = false;
    }
  }
  return rate(hits, trace);
}

double lru_hit_rate(CacheTrace const &trace, std::size_t entries) {
  struct Known : cache::PolicyNode {
    bool here = false;
  };
  std::vector<Known> known(trace.distinct());
  cache::PolicyList newest_first;
  std::size_t hits = 0;
  for (auto const key : trace.keys()) {
    auto &node = known[key];
    node.weight = 1;
    if (node.here) {
      ++hits;
      newest_first.remove(node);
    }
    node.here = true;
    newest_first.push_newest(node);
    if (newest_first.weight() <= entries) continue;
    auto *const oldest = static_cast<Known *>(newest_first.oldest());
    newest_first.remove(*oldest);
    oldest->here = false;
  }
  return rate(hits, trace);
}

double optimal_hit_rate(CacheTrace const &trace, std::size_t entries) {
  constexpr auto kNever = std::numeric_limits<std::size_t>::max();
  auto const keys = trace.keys();
  std::vector<std::size_t> next_of_key(trace.distinct(), kNever);
  std::vector<std::size_t> next(keys.size());
  for (std::size_t i = keys.size(); i-- > 0;) next[i] = std::exchange(next_of_key[keys[i]], i);

  // What is here, by when it is asked for next. An element that is not `due` any more is one that was hit since.
  std::priority_queue<std::pair<std::size_t, std::uint32_t>> latest;
  std::vector<std::size_t> due(trace.distinct(), 0);  // 0: not here; nothing is asked for again at 0.
  std::size_t here = 0;
  std::size_t hits = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    auto const key = keys[i];
    if (due[key] != 0) {
      ++hits;
    } else {
      ++here;
    }
    due[key] = next[i];
    latest.emplace(next[i], key);
    while (here > entries) {
      auto const [when, candidate] = latest.top();
      latest.pop();
      if (due[candidate] != when) continue;
      due[candidate] = 0;
      --here;
    }
  }
  return rate(hits, trace);
}

}  // namespace tableforge::test
