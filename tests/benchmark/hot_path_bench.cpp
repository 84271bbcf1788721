#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "tableforge/codec/event_body.hpp"
#include "tableforge/protocol/client_message.hpp"
#include "tableforge/protocol/encode.hpp"
#include "tableforge/table/decide.hpp"
#include "tableforge/table/project.hpp"

#include "benchmark/hot_path_case.hpp"

/// What one action costs on its way through the pure code of a server, step by step: bytes to a message, judged, taken
/// into the state, as everybody sees it, as text for the sockets, and as text for the database.
///
/// Each step runs by itself. hot_path_count counts the instructions of the same steps.
namespace tableforge {
namespace {

using benchmarks::Case;
using benchmarks::case_of;
using benchmarks::decided;
using table::State;
using table::test::SeededChance;

void decode(benchmark::State &run, std::string_view kind) {
  auto const made = case_of(kind);
  if (!protocol::decode(made.frame)) return run.SkipWithError("the frame is refused");
  for (auto _ : run) benchmark::DoNotOptimize(protocol::decode(made.frame));
}

void decide(benchmark::State &run, std::string_view kind) {
  auto const made = case_of(kind);
  decided(made);
  SeededChance chance(1);
  for (auto _ : run) benchmark::DoNotOptimize(table::decide(made.state, made.action, made.state.at, chance));
}

void apply(benchmark::State &run, std::string_view kind) {
  auto const made = case_of(kind);
  auto const event = decided(made);
  // A draw empties the deck in time: so many copies of the state, each used once, made outside of the clock.
  constexpr std::size_t kBatch = 64;
  std::vector<State> states;
  for (std::size_t i = kBatch; auto _ : run) {
    if (i == kBatch) {
      run.PauseTiming();
      states.assign(kBatch, made.state);
      i = 0;
      run.ResumeTiming();
    }
    table::apply(states[i++], event);
  }
}

void project(benchmark::State &run, std::string_view kind) {
  auto const made = case_of(kind);
  auto const event = decided(made);
  for (auto _ : run) benchmark::DoNotOptimize(table::project(event, made.viewer));
}

void encode(benchmark::State &run, std::string_view kind) {
  auto const made = case_of(kind);
  auto const event = decided(made);
  auto const view = table::project(event, made.viewer);
  std::string out;
  for (auto _ : run) {
    out.clear();
    protocol::append_event(out, view);
    benchmark::DoNotOptimize(out.data());
  }
  run.counters["bytes"] = static_cast<double>(out.size());
}

void encode_for_disk(benchmark::State &run, std::string_view kind) {
  auto const made = case_of(kind);
  auto const event = decided(made);
  std::size_t bytes = 0;
  for (auto _ : run) {
    auto const body = codec::encode_events({&event, 1});
    bytes = body.size();
    benchmark::DoNotOptimize(body.data());
  }
  run.counters["bytes"] = static_cast<double>(bytes);
}

/// The whole way of one action, with both forms a draw has: the actor's and everybody else's.
void whole_way(benchmark::State &run, std::string_view kind) {
  auto const made = case_of(kind);
  SeededChance chance(1);
  std::string out;
  for (auto _ : run) {
    auto message = protocol::decode(made.frame);
    benchmark::DoNotOptimize(message);
    auto const event = table::decide(made.state, made.action, made.state.at, chance);
    out.clear();
    protocol::append_event(out, table::project(*event, std::nullopt));
    for (auto const player : table::named_players(*event)) {
      protocol::append_event(out, table::project(*event, player));
    }
    benchmark::DoNotOptimize(out.data());
    benchmark::DoNotOptimize(codec::encode_events({&*event, 1}));
  }
}

/// What a newcomer costs.
void snapshot(benchmark::State &run, std::string_view kind) {
  auto const made = case_of(kind);
  std::string out;
  for (auto _ : run) {
    out.clear();
    auto const view = table::project(made.state, made.viewer, [](PlayerId) { return true; });
    protocol::append_state(out, made.state.seq, view);
    benchmark::DoNotOptimize(out.data());
  }
  run.counters["bytes"] = static_cast<double>(out.size());
}

#define BENCH_EACH_KIND(step)                    \
  BENCHMARK_CAPTURE(step, move, "move");         \
  BENCHMARK_CAPTURE(step, draw, "draw");         \
  BENCHMARK_CAPTURE(step, transfer, "transfer"); \
  BENCHMARK_CAPTURE(step, chat, "chat")

BENCH_EACH_KIND(decode);
BENCH_EACH_KIND(decide);
BENCH_EACH_KIND(apply);
BENCH_EACH_KIND(project);
BENCH_EACH_KIND(encode);
BENCH_EACH_KIND(encode_for_disk);
BENCH_EACH_KIND(whole_way);
BENCHMARK_CAPTURE(snapshot, cards, "chat");
BENCHMARK_CAPTURE(snapshot, chess, "move");

}  // namespace
}  // namespace tableforge
