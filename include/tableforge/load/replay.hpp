#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tableforge::load {

enum class RecordedGame : std::uint8_t { poker, chess };

struct ReplayOptions {
  std::string url;  ///< ws://host:port; HTTP is asked at the same place.
  RecordedGame game = RecordedGame::poker;
  std::filesystem::path file;                   ///< One game per line.
  std::size_t tables = 1;                       ///< Live at once; the games are shared out among them.
  std::optional<std::size_t> games_max;         ///< Only the first so many of the file.
  std::optional<std::uint64_t> seed;            ///< Of all mischief; a random one when absent.
  std::optional<std::filesystem::path> record;  ///< A folder for every frame of every viewer, as JSON lines.
  double cut_rate = 0.05;     ///< Share of actions beside which somebody's connection is cut; and of those cut in two.
  double repeat_rate = 0.05;  ///< Share of actions sent twice on purpose.
  std::chrono::milliseconds deadline{30'000};  ///< For every answer, connection and delivery.
  bool progress = true;                        ///< Shown on stderr.
};

/// What a replay did and found.
struct ReplayReport {
  std::uint64_t seed = 0;
  std::uint64_t tables = 0;
  std::uint64_t games = 0;
  std::uint64_t games_finished = 0;
  std::uint64_t actions = 0;     ///< Accepted; each once, however often it was sent.
  std::uint64_t deliveries = 0;  ///< Events that reached a viewer, skips included.
  std::uint64_t bytes = 0;       ///< Received by all viewers.
  std::uint64_t cuts = 0;        ///< Connections ended on purpose.
  std::uint64_t losses = 0;      ///< Connections that ended by themselves, and were resumed.
  std::uint64_t resumes_replay = 0;
  std::uint64_t resumes_snapshot = 0;
  std::uint64_t resends = 0;      ///< Actions sent again after a resume, because their answer had not been seen.
  std::uint64_t repeats = 0;      ///< Actions sent twice on purpose.
  std::uint64_t retries = 0;      ///< Actions sent again because the server asked for it.
  std::uint64_t refusals = 0;     ///< Forbidden things that were tried and rightly refused.
  std::uint64_t comparisons = 0;  ///< Viewers' own states compared with what the server shows them.
  std::uint64_t leaks = 0;
  std::uint64_t mismatches = 0;
  double seconds = 0;
  double actions_per_second = 0;
  std::chrono::nanoseconds ack_p50{0};  ///< From send to the sender's own event, for actions nothing was done to.
  std::chrono::nanoseconds ack_p99{0};
  std::vector<std::string> findings;  ///< The first leaks, mismatches and failures, in words.

  [[nodiscard]] bool passed() const { return leaks == 0 && mismatches == 0 && games > 0 && games_finished == games; }
};

/// Plays recorded games through a server, and blocks until they are over.
///
/// A table has a connection per seat, one for a spectator and one for the dealer, who is gm. Whatever a viewer receives
/// is looked through for what it may not know, applied to a small model of the table, and compared at the end of each
/// game with what the server shows that viewer. Connections are cut and actions repeated at random; none of it may
/// change anything.
///
/// Threads: blocks the caller's, and runs everything on it.
/// Bounds:  every wait ends with options.deadline.
/// Errors:  in the report: a game that could not be played to its end is not finished, and its reason is a finding.
ReplayReport run_replay(ReplayOptions const &options);

/// For a person, several lines.
std::string summary(ReplayReport const &report);
/// The same for a program, one JSON object.
std::string to_json(ReplayReport const &report);

}  // namespace tableforge::load
