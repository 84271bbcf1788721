#include <array>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tableforge/codec/event_body.hpp"
#include "tableforge/host/turn_log.hpp"
#include "tableforge/protocol/client_message.hpp"
#include "tableforge/protocol/encode.hpp"
#include "tableforge/table/decide.hpp"
#include "tableforge/table/project.hpp"
#include "tableforge/ws/encoder.hpp"

#include "benchmark/hot_path_case.hpp"

/// Runs each stage of the hot path so often under `tableforge_counted` that a profiler which collects only there counts
/// the stage and nothing else. tests/benchmark/instruction_counts does so, with callgrind.
///
/// With the name of a stage it runs that one alone, for a closer look.
///
/// Prints the compiler, and then, in the order of the calls, a line with each stage and how often it ran.
namespace tableforge {
namespace {

using benchmarks::Case;
using benchmarks::decided;
using table::test::SeededChance;

constexpr std::size_t kTimes = 100;
constexpr std::size_t kWarmUp = 4;  // Rooms of the thread grow, symbols are bound, the allocator has what it needs.

using Step = std::function<void()>;

/// Keeps the compiler from leaving out what nobody looks at.
template <class T>
void keep(T const &value) {
  asm volatile("" : : "r"(&value) : "memory");
}

Step decode(Case const &made) {
  if (!protocol::decode(made.frame)) throw std::runtime_error("the frame is refused: " + made.frame);
  return [&made] { keep(protocol::decode(made.frame)); };
}

Step decide(Case const &made) {
  return [&made, chance = std::make_shared<SeededChance>(1)] {
    keep(table::decide(made.state, made.action, made.state.at, *chance));
  };
}

/// On as many copies of the state: a draw empties the deck in time.
Step apply(Case const &made) {
  auto states = std::make_shared<std::vector<table::State>>(kWarmUp + kTimes, made.state);
  return [states, event = decided(made), next = std::size_t{0}]() mutable { table::apply(states->at(next++), event); };
}

Step project(Case const &made) {
  return [&made, event = decided(made)] { keep(table::project(event, made.viewer)); };
}

Step encode(Case const &made) {
  auto const event = std::make_shared<table::Event>(decided(made));  // The view borrows its texts.
  return [event, view = table::project(*event, made.viewer), out = std::string()]() mutable {
    out.clear();
    protocol::append_event(out, view);
    keep(out);
  };
}

Step encode_for_disk(Case const &made) {
  return [event = decided(made)] { keep(codec::encode_events({&event, 1})); };
}

/// What a turn does with one message for the six at a table, up to their sockets.
Step fan_out(Case const &made) {
  auto const event = decided(made);
  std::string message;
  protocol::append_event(message, table::project(event, made.viewer));
  auto const memory = std::make_shared<host::TurnMemory>();
  auto const framer = [](std::string &out, std::string_view text) { ws::append_frame(out, ws::Opcode::text, text); };
  auto const log = std::make_shared<host::TurnLog>(*memory, framer);
  return [message, memory, log] {
    constexpr host::TurnLog::MemberId kMembers = 6;
    log->say(message);
    for (host::TurnLog::MemberId member = 1; member <= kMembers; ++member) {
      log->each_piece(member, 0, false, [](host::Frame const &piece, host::PresenceKey const *) { keep(piece); });
    }
    log->clear();
  };
}

struct Stage {
  std::string_view name;
  Step (*of)(Case const &made);
};

constexpr auto kStages = std::to_array<Stage>({{"decode", decode},
                                               {"decide", decide},
                                               {"apply", apply},
                                               {"project", project},
                                               {"encode", encode},
                                               {"encode_for_disk", encode_for_disk},
                                               {"fan_out", fan_out}});
constexpr auto kKinds = std::to_array<std::string_view>({"move", "draw", "transfer", "chat"});

}  // namespace
}  // namespace tableforge

/// The name by which the profiler knows where to collect.
extern "C" [[gnu::noinline]] void tableforge_counted(std::function<void()> const &step, std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) step();
}

int main(int argc, char **argv) {
  using namespace tableforge;
#ifdef __clang__
  std::printf("compiler clang %d.%d\n", __clang_major__, __clang_minor__);
#else
  std::printf("compiler gcc %d.%d\n", __GNUC__, __GNUC_MINOR__);
#endif
  std::string_view const only = argc > 1 ? argv[1] : "";
  std::vector<Case> cases;
  for (auto const kind : kKinds) cases.push_back(benchmarks::case_of(kind));
  for (auto const &stage : kStages) {
    if (!only.empty() && stage.name != only) continue;
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      auto const step = stage.of(cases[i]);
      for (std::size_t j = 0; j < kWarmUp; ++j) step();
      tableforge_counted(step, kTimes);
      std::printf("%.*s/%.*s %zu\n", static_cast<int>(stage.name.size()), stage.name.data(),
                  static_cast<int>(kKinds[i].size()), kKinds[i].data(), kTimes);
    }
  }
}
