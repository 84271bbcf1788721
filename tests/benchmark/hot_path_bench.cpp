#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "tableforge/codec/event_body.hpp"
#include "tableforge/protocol/client_message.hpp"
#include "tableforge/protocol/encode.hpp"
#include "tableforge/table/decide.hpp"
#include "tableforge/table/project.hpp"

#include "unit/table/game.hpp"

/// What one action costs on its way through the pure code of a server, step by step: bytes to a message, judged, taken
/// into the state, as everybody sees it, as text for the sockets, and as text for the database.
///
/// Each step runs by itself on a six-handed table of cards-52 (chess for the piece move) that has been in use, with 64
/// remembered actions of each of two clients and a full chat, so the figures are those of a table in play and not of an
/// empty one.
namespace tableforge {
namespace {

using table::Action;
using table::Event;
using table::State;
using table::test::Game;
using table::test::SeededChance;

/// One kind of action on a table where it can be taken over and over.
struct Case {
  State state;
  Action action;
  std::string frame;  ///< As the client sends it.
  table::Viewer viewer;
};

Case case_of(std::string_view kind) {
  using namespace table::test;
  bool const chess = kind == "move";
  Game game(chess ? "chess" : "cards-52");
  if (!chess) game.must(kGm, counter_set("chips:s1", 1'000'000));
  for (int i = 0; i < 64; ++i) {
    game.must(kAnn, say("a line of chat, of the usual length"));
    game.must(kBob, say("and an answer"));
  }
  Case made;
  std::string data;
  std::string op;
  if (chess) {
    auto const pawn = game.at("board", 12);
    made.action = game.action(kAnn, moves({to_place(pawn, "board", 4, 3)}));
    op = "piece.move";
    data = R"({"moves":[{"piece":")" + to_text(pawn) + R"(","to":{"zone":"board","x":4,"y":3}}]})";
  } else if (kind == "draw") {
    made.action = game.action(kAnn, draw("deck", "hand:s1", 1));
    op = "zone.draw";
    data = R"({"from":"deck","to":"hand:s1","count":1})";
  } else if (kind == "transfer") {
    made.action = game.action(kAnn, transfer("chips:s1", "pot", 40));
    op = "counter.transfer";
    data = R"({"from":"chips:s1","to":"pot","amount":40})";
  } else {
    made.action = game.action(kAnn, say("well played, I did not see that coming"));
    op = "chat.say";
    data = R"({"text":"well played, I did not see that coming"})";
  }
  made.frame = R"({"op":")" + op + R"(","id":"c-1234","data":)" + data + "}";
  made.viewer = kAnn;
  made.state = game.state();
  return made;
}

Event decided(Case const &made) {
  SeededChance chance(1);
  auto event = table::decide(made.state, made.action, made.state.at, chance);
  if (!event) throw std::runtime_error(std::string(event.error().text));
  return std::move(*event);
}

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
