#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tableforge/load/load_report.hpp"

namespace tableforge::load {

/// Whose language the clients speak. All but the first broadcast a payload of ours to a room, for comparison.
enum class LoadDialect : std::uint8_t { tableforge, ws, socket_io, colyseus, nats };

/// What the messages are, in parts of any sum. Servers that only broadcast know presence (not echoed to its sender)
/// and everything else (echoed, which is its acknowledgement); there a mix is one or the other.
struct LoadMix {
  double move = 25;
  double draw = 5;
  double dice = 3;
  double chat = 2;
  double presence = 65;

  [[nodiscard]] double actions() const { return move + draw + dice + chat; }
  [[nodiscard]] double sum() const { return actions() + presence; }
  /// "presence 65 %, moves 25 %, …"; what there is none of is left out.
  [[nodiscard]] std::string words() const;
};

/// Reads "move=3,presence=1": what is not named has no part. Nothing if a name is unknown or there is nothing to send.
std::optional<LoadMix> parse_mix(std::string_view text);

/// The rate goes from one to the other in equal steps of equal length.
struct LoadRamp {
  double from = 0;
  double to = 0;
  unsigned steps = 1;
};
/// Reads "FROM:TO:STEPS".
std::optional<LoadRamp> parse_ramp(std::string_view text);

/// For one second the rate is `factor` times what it would be.
struct LoadSpike {
  double factor = 1;
  double at_seconds = 0;
};
/// Reads "N@T".
std::optional<LoadSpike> parse_spike(std::string_view text);

struct LoadOptions {
  std::string url;  ///< ws://host:port; HTTP is asked at the same place.
  LoadDialect dialect = LoadDialect::tableforge;
  std::size_t tables = 10;
  std::size_t players = 6;       ///< Per table, each on a seat; only they send.
  std::size_t seats = 0;         ///< Per table; 0 for no more than there are players.
  std::size_t spectators = 0;    ///< Per table, without a seat.
  std::size_t slow_readers = 0;  ///< Over all tables: further connections that read a few KB/s.
  double rate = 1'000;           ///< Messages/s over all tables, presence included.
  LoadMix mix;
  std::optional<LoadRamp> ramp;
  std::optional<LoadSpike> spike;
  double churn = 0;  ///< Connections that are cut, and resumed at once, per second.
  std::chrono::milliseconds duration{10'000};
  std::optional<int> server_pid;                      ///< Whose CPU and memory are reported.
  std::optional<int> database_pid;                    ///< PostgreSQL's first process; its children count too.
  std::optional<std::chrono::milliseconds> saturate;  ///< Look for the highest rate whose p99 is below this.
  std::chrono::milliseconds saturate_step{2'000};     ///< How long each rate is tried, after a quarter to settle.
  std::optional<unsigned> cpu;                        ///< The core the generator stays on.
  std::uint64_t sample = 256;                         ///< Every so many messages, one is parsed and checked in full.
  std::optional<std::uint64_t> seed;                  ///< Of who sends what; a random one when absent.
  std::chrono::milliseconds deadline{30'000};         ///< For every answer, and for the stragglers at the end.
  bool stop_on_signals = false;                       ///< SIGINT and SIGTERM end the run, which still reports.
  bool progress = true;                               ///< Shown on stderr, once a second.
  std::string title = "Load";
};

/// Puts a server under load with real WebSocket clients, and blocks until that is over.
///
/// Open loop: each message has a time at which it is due, whatever the server does; it is sent then, and latency counts
/// from then even if it could be sent only later. Clients look at what they receive where the scanner expects `seq` and
/// `id`; everything else, and every `sample`th message, is parsed in full.
///
/// Threads: blocks the caller's, and runs everything on it.
/// Bounds:  every wait ends with options.deadline; what a connection cannot send is kept up to 1 MiB, then it is lost.
/// Errors:  in the report: what could not be set up, or broke the protocol, is among its failures.
LoadReport run_load(LoadOptions const &options);

}  // namespace tableforge::load
