#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "tableforge/cache/shelf.hpp"

/// What the first level of the cache costs: a hit, a miss and a put, with 10,000 entries of 100 bytes under keys of 40.
namespace tableforge::cache {
namespace {

constexpr std::size_t kEntries = 10'000;

std::vector<std::string> keys_from(std::size_t first) {
  std::vector<std::string> keys;
  for (auto i = first; i < first + kEntries; ++i) {
    auto const digits = std::to_string(i);
    keys.push_back("player:" + std::string(33 - digits.size(), '0') + digits);
  }
  return keys;
}

Entry entry() {
  static auto const value = std::make_shared<std::string const>(64, 'x');
  return {.value = value, .version = 1, .filled_at = {}, .load_cost = {}, .bytes = 100};
}

/// Holds all of `keys` and no more, if `full`.
std::unique_ptr<Shelf> shelf_of(std::vector<std::string> const &keys, bool full) {
  auto shelf = std::make_unique<Shelf>(std::size_t{1} << 30, 1);
  for (auto const &key : keys) shelf->put(key, entry());
  if (full) shelf->set_bytes_max(shelf->bytes());
  return shelf;
}

/// In an order that no prefetcher guesses, the same in each run.
class AnyKey {
 public:
  explicit AnyKey(std::vector<std::string> const &keys) : keys_(keys) {}
  std::string const &operator()() {
    state_ = state_ * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    return keys_[(state_ >> 33) % keys_.size()];
  }

 private:
  std::vector<std::string> const &keys_;
  std::uint64_t state_ = 1;
};

void hit(benchmark::State &run) {
  auto const keys = keys_from(0);
  auto const shelf = shelf_of(keys, true);
  AnyKey any(keys);
  for (auto _ : run) {
    auto const *const found = shelf->find(any());
    if (found == nullptr) return run.SkipWithError("a miss");
    benchmark::DoNotOptimize(found->value.get());
  }
  run.SetItemsProcessed(run.iterations());
}

void miss(benchmark::State &run) {
  auto const shelf = shelf_of(keys_from(0), true);
  auto const others = keys_from(kEntries);
  AnyKey any(others);
  for (auto _ : run) benchmark::DoNotOptimize(shelf->find(any()));
  run.SetItemsProcessed(run.iterations());
}

/// Into a full shelf, so that one leaves for each that comes, or comes in vain.
void put(benchmark::State &run) {
  auto const shelf = shelf_of(keys_from(0), true);
  auto const others = keys_from(kEntries);
  AnyKey any(others);
  for (auto _ : run) benchmark::DoNotOptimize(shelf->put(any(), entry()));
  run.SetItemsProcessed(run.iterations());
}

void put_again(benchmark::State &run) {
  auto const keys = keys_from(0);
  auto const shelf = shelf_of(keys, true);
  AnyKey any(keys);
  for (auto _ : run) benchmark::DoNotOptimize(shelf->put(any(), entry()));
  run.SetItemsProcessed(run.iterations());
}

void invalidate(benchmark::State &run) {
  auto const keys = keys_from(0);
  auto const shelf = shelf_of(keys, true);
  AnyKey any(keys);
  Version version = 1;
  for (auto _ : run) benchmark::DoNotOptimize(shelf->invalidate(any(), ++version));
  run.SetItemsProcessed(run.iterations());
}

BENCHMARK(hit);
BENCHMARK(miss);
BENCHMARK(put);
BENCHMARK(put_again);
BENCHMARK(invalidate);

}  // namespace
}  // namespace tableforge::cache
