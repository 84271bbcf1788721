#include "tableforge/load/replay.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "load/chess_game.hpp"
#include "load/chess_script.hpp"
#include "load/findings.hpp"
#include "load/live_table.hpp"
#include "load/poker_hand.hpp"
#include "load/poker_script.hpp"
#include "load/progress.hpp"
#include "load/signal.hpp"
#include "load/trouble.hpp"

namespace tableforge::load {

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// Gives each table's mischief a course of its own, from the one seed.
std::uint64_t seed_of(std::uint64_t seed, std::size_t table) {
  std::seed_seq mixed{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32),
                      static_cast<std::uint32_t>(table)};
  std::array<std::uint32_t, 2> halves{};
  mixed.generate(halves.begin(), halves.end());
  return std::uint64_t{halves[0]} << 32 | halves[1];
}

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

struct Poker {
  using Game = PokerHand;
  using Script = PokerScript;
  static auto read(std::filesystem::path const &file) { return read_poker_hands(file); }
  static TablePlan plan(std::size_t number, Game const &first) {
    TablePlan plan{.number = number, .system = "cards-52", .seats = {}, .seats_are_counted = true};
    for (std::size_t seat = 1; seat <= first.stacks.size(); ++seat) plan.seats.push_back("s" + std::to_string(seat));
    return plan;
  }
};

struct Chess {
  using Game = ChessGame;
  using Script = ChessScript;
  static auto read(std::filesystem::path const &file) { return read_chess_games(file); }
  static TablePlan plan(std::size_t number, Game const &) {
    return {.number = number, .system = "chess", .seats = {"white", "black"}, .seats_are_counted = false};
  }
};

/// All tables of one replay: each plays its share of the games, and none begins before all are there.
template <class Kind>
class Replay {
 public:
  using Game = typename Kind::Game;

  Replay(ReplayOptions const &options, Endpoint server, std::vector<Game> games)
      : options_(options), server_(std::move(server)), games_(std::move(games)), changed_(io_.get_executor()) {
    // Every table plays at least one game: with more tables than games, games are played at several of them.
    for (std::size_t i = 0; games_.size() < options_.tables; ++i) games_.push_back(games_[i]);
  }

  ReplayReport run(std::uint64_t seed) {
    auto &counts = findings_.counts;
    counts.seed = seed;
    counts.games = games_.size();
    counts.tables = options_.tables;
    Progress progress(io_.get_executor(), counts);
    if (options_.progress) progress.start();
    begun_ = ended_ = Clock::now();
    unfinished_ = absent_ = counts.tables;
    for (std::size_t table = 0; table < counts.tables; ++table) {
      asio::co_spawn(io_, play_share(*this, table, seed_of(seed, table)), [this, &progress](std::exception_ptr) {
        if (--unfinished_ == 0 && options_.progress) progress.stop();
      });
    }
    io_.run();
    finish_counts();
    return std::move(counts);
  }

 private:
  static asio::awaitable<void> play_share(Replay &replay, std::size_t number, std::uint64_t seed) {
    std::unique_ptr<LiveTable> table;
    bool present = false;
    try {
      table = std::make_unique<LiveTable>(replay.io_.get_executor(), replay.options_, replay.server_, seed,
                                          replay.findings_, Kind::plan(number + 1, replay.games_[number]));
      co_await table->open();
      replay.note_present();
      present = true;
      while (replay.absent_ > 0) co_await replay.changed_.wait(Clock::time_point::max());
      co_await replay.play_games(*table, number);
      co_await table->compare_histories();
    } catch (std::exception const &error) {
      replay.findings_.failure(error.what());
    }
    // A table that failed to open must not keep the others waiting.
    if (!present) replay.note_present();
    if (table) co_await table->close();
  }

  asio::awaitable<void> play_games(LiveTable &table, std::size_t number) {
    typename Kind::Script script(table);
    for (auto game = number; game < games_.size(); game += findings_.counts.tables) {
      auto const mismatches = findings_.counts.mismatches;
      try {
        co_await script.play(games_[game]);
      } catch (std::exception const &error) {
        throw Trouble("game " + games_[game].name + ": " + error.what());
      }
      ++findings_.counts.games_finished;
      ended_ = Clock::now();
      if (findings_.counts.mismatches > mismatches)
        findings_.failure("something did not match while " + games_[game].name + " was played at " + table.name());
    }
  }

  void note_present() {
    if (--absent_ > 0) return;
    // Setting up is not what is measured.
    begun_ = Clock::now();
    actions_before_ = findings_.counts.actions;
    changed_.notify();
  }

  void finish_counts() {
    auto &counts = findings_.counts;
    counts.seconds = std::chrono::duration<double>(std::max(ended_, begun_) - begun_).count();
    counts.actions_per_second =
        counts.seconds > 0 ? static_cast<double>(counts.actions - actions_before_) / counts.seconds : 0;
    auto const acks = findings_.acks.snapshot();
    counts.ack_p50 = acks.latency(0.5);
    counts.ack_p99 = acks.latency(0.99);
  }

  ReplayOptions const &options_;
  Endpoint server_;
  std::vector<Game> games_;
  Findings findings_;
  asio::io_context io_{1};  // Behind what its coroutines refer to, so that it goes first.
  Signal changed_;
  Clock::time_point begun_;
  Clock::time_point ended_;
  std::uint64_t actions_before_ = 0;
  std::size_t unfinished_ = 0;
  std::size_t absent_ = 0;  // Tables that are not ready to play.
};

ReplayReport failed(ReplayReport report, std::string why) {
  report.findings.push_back("failure: " + std::move(why));
  return report;
}

template <class Kind>
ReplayReport replay(ReplayOptions const &options) {
  ReplayReport report;
  report.seed = options.seed.value_or(0);
  auto const server = parse_endpoint(options.url);
  if (!server) return failed(std::move(report), "the url is not of the form ws://host:port");
  if (options.tables == 0) return failed(std::move(report), "a replay needs a table");
  auto games = Kind::read(options.file);
  if (!games) return failed(std::move(report), games.error());
  if (options.games_max && games->size() > *options.games_max) games->resize(*options.games_max);
  if (games->empty()) return failed(std::move(report), "there are no games in " + options.file.string());
  if (options.record) {
    std::error_code code;
    std::filesystem::create_directories(*options.record, code);
    if (code) return failed(std::move(report), "cannot make the folder " + options.record->string());
  }
  return Replay<Kind>(options, *server, std::move(*games)).run(options.seed ? *options.seed : random_seed());
}

}  // namespace

ReplayReport run_replay(ReplayOptions const &options) {
  return options.game == RecordedGame::poker ? replay<Poker>(options) : replay<Chess>(options);
}

}  // namespace tableforge::load
