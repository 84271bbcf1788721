#include "load/load_run.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <random>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <sched.h>

#include "tableforge/base/time.hpp"
#include "tableforge/runtime/timer.hpp"

#include "load/in_milliseconds.hpp"

namespace tableforge::load {

namespace asio = boost::asio;

namespace {

constexpr double kNanoseconds = 1e9;
// Waking up for each message alone would cost more than sending it, at rates where this is many messages.
constexpr std::int64_t kPaceQuantum = 100'000;
// After so many, what has been received has its turn.
constexpr int kPaceBurst = 512;
constexpr std::chrono::milliseconds kSettlePoll{10};
constexpr std::chrono::milliseconds kQuietMax{1'000};

// Of the search: how close it comes, and how many rates it tries at most.
constexpr double kSearchRatio = 1.05;
constexpr int kTrialsMax = 30;
constexpr double kRateMin = 1;
// A server that refuses or drops more than this does not hold the rate.
constexpr double kRefusedShareMax = 0.001;
constexpr double kPresenceShareMin = 0.99;

constexpr double kFullCores = 0.9;
constexpr double kFullSecondsMin = 0.5;
constexpr std::chrono::milliseconds kLateMax{5};
constexpr std::size_t kFailuresMax = 20;

}  // namespace

LoadRun::LoadRun(LoadOptions const &options, Endpoint server, std::uint64_t seed)
    : options_(options),
      server_(std::move(server)),
      http_(server_),
      progress_(options.progress),
      changed_(shard_.executor()),
      pace_timer_(shard_.executor()),
      signals_(shard_.executor()),
      floor_(shard_),
      random_(seed),
      kinds_({options.mix.move, options.mix.draw, options.mix.dice, options.mix.chat, options.mix.presence}) {
  report_.title = options.title;
  report_.plan = words_of(options);
  report_.url = options.url;
  report_.seed = seed;
  report_.began_at = to_rfc3339(wall_clock_now());
  floor_.dialect = options.dialect;
  floor_.share.echo = !presence_only();
  floor_.share.sample = floor_.share.until_check = options.sample;
  floor_.changed = [this] { changed_.notify(); };
  floor_.lost = [this](LoadClient &client, std::string_view why) { client_lost(client, why); };
  floor_.broken = [this](LoadClient &client, std::string_view what) {
    fail("client " + std::to_string(client.seat().index) + ": " + std::string(what));
  };
  floor_.refused = [this](std::string_view code) { ++refusals_[std::string(code)]; };
}

LoadRun::~LoadRun() = default;

LoadReport LoadRun::run() {
  if (options_.stop_on_signals) stop_on_signals();
  start("course", course(*this));
  shard_.run();
  return std::move(report_);
}

void LoadRun::start(std::string_view name, asio::awaitable<void> task) {
  ++tasks_;
  asio::co_spawn(shard_.context(), std::move(task), [this, name](std::exception_ptr failure) {
    --tasks_;
    if (failure) {
      try {
        std::rethrow_exception(failure);
      } catch (std::exception const &error) {
        fail(std::string(name) + ": " + error.what());
      }
    }
    changed_.notify();
    if (tasks_ == 0) shard_.stop();
  });
}

void LoadRun::fail(std::string what) {
  if (report_.failures.size() < kFailuresMax) report_.failures.push_back(std::move(what));
  pace_timer_.cancel();
  changed_.notify();
}

asio::awaitable<void> LoadRun::course(LoadRun &run) {
  run.start("watch", watch(run));
  if (run.options_.slow_readers > 0) run.start("read slowly", read_slowly(run));
  co_await run.set_up();
  if (run.going()) co_await run.play();
  run.ending_ = true;
  run.report();
  for (auto const &client : run.clients_) client->close();
  run.signals_.cancel();
}

asio::awaitable<void> LoadRun::play() {
  load_begin_ = floor_.now();
  if (options_.churn > 0) start("churn", churn(*this));
  if (options_.saturate) {
    co_await search();
  } else {
    for (auto const &phase : phases_of(options_)) {
      if (going()) co_await run_phase(phase, true);
    }
  }
  if (!co_await settle()) report_.findings.push_back("not everything had been answered when the deadline passed");
  count_stragglers();
}

asio::awaitable<void> LoadRun::run_phase(LoadPhase phase, bool reported) {
  auto const begin = due_at(floor_.now());  // So that what is due first is not due before.
  auto &stage = floor_.tally.begin(phase.name, reported, phase.rate, begin);
  auto const before = totals();
  co_await pace(phase.rate, begin, begin + static_cast<std::int64_t>(phase.seconds * kNanoseconds));
  auto const after = totals();
  auto &counts = stage.counts;
  counts.seconds = static_cast<double>(after.at - before.at) / kNanoseconds;
  counts.connections =
      static_cast<std::uint64_t>(std::ranges::count_if(clients_, [](auto const &client) { return client->there(); }));
  counts.bytes_received = after.bytes - before.bytes;
  counts.generator = use_between(before.own, after.own, counts.seconds);
  counts.server = use_between(before.server, after.server, counts.seconds);
  counts.database = use_between(before.database, after.database, counts.seconds);
}

/// Sends what is due when it is due. However late this is, nothing is left out.
asio::awaitable<void> LoadRun::pace(double rate, std::int64_t begin, std::int64_t end) {
  std::uint64_t number = 0;
  while (going()) {
    auto const now = floor_.now();
    auto due = end;
    for (int burst = 0; burst < kPaceBurst; ++burst) {
      due = rate > 0 ? begin + static_cast<std::int64_t>(static_cast<double>(number) / rate * kNanoseconds) : end;
      if (due > now || due >= end) break;
      send(due_at(due));
      ++number;
    }
    if (due >= end && now >= end) co_return;
    auto const wake = due <= now ? now : std::max(std::min(due, end), now + kPaceQuantum);
    pace_timer_.expires_at(floor_.origin + std::chrono::nanoseconds(wake));
    co_await pace_timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void LoadRun::send(std::int64_t due) {
  for (std::size_t tried = 0; tried < senders_.size(); ++tried) {
    auto &client = *senders_[next_sender_];
    if (++next_sender_ == senders_.size()) next_sender_ = 0;
    if (!client.there()) continue;
    return client.send(pick_kind(), due);
  }
  ++nobody_there_;
}

LoadKind LoadRun::pick_kind() { return static_cast<LoadKind>(kinds_(random_)); }

bool LoadRun::all_caught_up() const {
  auto const total = floor_.tally.total();
  if (presence_only()) return total.presence_deliveries >= floor_.tally.presence_expected();
  if (!std::ranges::all_of(clients_, [](auto const &client) { return client->caught_up(); })) return false;
  return std::ranges::all_of(clients_, [this](auto const &client) { return missing(*client) == 0; });
}

/// What somebody who was there should have seen by now, and has not.
std::uint64_t LoadRun::missing(LoadClient const &client) const {
  auto missing = client.behind();
  if (presence_only()) return missing;
  auto const &table = client.table();
  for (std::uint32_t i = 0; i < table.clients; ++i) missing += client.behind(*clients_[table.first + i]);
  return missing;
}

/// Until everything is answered and everybody has seen it. What may be left out, which is presence, is waited for as
/// long as any still comes.
asio::awaitable<bool> LoadRun::settle() {
  auto const deadline = std::chrono::steady_clock::now() + options_.deadline;
  auto heard = std::chrono::steady_clock::now();
  auto bytes = floor_.sockets.bytes_received;
  while (!all_caught_up()) {
    auto const now = std::chrono::steady_clock::now();
    if (now >= deadline) co_return false;
    if (std::exchange(bytes, floor_.sockets.bytes_received) != floor_.sockets.bytes_received) heard = now;
    bool const may_miss = presence_only() || options_.dialect != LoadDialect::tableforge;
    if (may_miss && now - heard > kQuietMax) co_return true;
    co_await runtime::sleep_for(kSettlePoll);
  }
  co_return true;
}

/// Doubles the rate until it does not hold, then halves the distance between what held and what did not.
asio::awaitable<void> LoadRun::search() {
  double held = 0;
  double failed = 0;
  double rate = std::max(options_.rate, kRateMin);
  std::string why;
  for (int trial = 0; trial < kTrialsMax && going(); ++trial) {
    auto result = co_await try_rate(rate);
    // A stall of the disk or of other work looks like too high a rate, but does not come twice in a row.
    if (!result.held && going()) result = co_await try_rate(rate);
    if (!going()) break;
    if (result.held) {
      held = rate;
    } else {
      failed = rate;
      why = result.why;
    }
    if (failed == 0) {
      rate = held * 2;
    } else if (held == 0) {
      rate = failed / 2;
      if (rate < kRateMin) break;
    } else {
      if (failed / held < kSearchRatio) break;
      rate = std::sqrt(held * failed);
    }
  }
  if (held > 0) report_.saturation_per_second = held;
  if (!why.empty()) report_.findings.push_back("at " + grouped(failed) + "/s the bound no longer held: " + why);
  if (held == 0 && going()) report_.findings.push_back("no rate held the bound");
}

asio::awaitable<LoadRun::Trial> LoadRun::try_rate(double rate) {
  auto const seconds = std::chrono::duration<double>(options_.saturate_step).count();
  co_await run_phase({.name = "to settle", .seconds = seconds / 4, .rate = rate}, false);
  co_await run_phase({.name = grouped(rate) + "/s", .seconds = seconds, .rate = rate}, true);
  auto &stage = floor_.tally.current();
  bool const settled = co_await settle();
  // What comes of a rate that was too high must not be counted with the next one.
  auto trial = judge(LoadTally::finished(stage));
  if (!settled) trial = {.held = false, .why = "some messages were not answered within the deadline"};
  co_return trial;
}

LoadRun::Trial LoadRun::judge(LoadStage const &stage) const {
  auto const no = [](std::string why) { return Trial{.held = false, .why = std::move(why)}; };
  auto const wrong = stage.lost + stage.doubled + stage.disordered;
  if (wrong > 0) return no(grouped(static_cast<double>(wrong)) + " messages were lost, doubled or out of order");
  if (stage.connections_lost > 0) return no(std::to_string(stage.connections_lost) + " connections were lost");
  auto const refused = static_cast<double>(stage.actions_refused);
  if (refused > kRefusedShareMax * static_cast<double>(stage.actions_sent))
    return no(grouped(refused) + " actions were refused");
  auto const expected = static_cast<double>(stage.presence_deliveries + stage.presence_coalesced);
  auto const coalesced = static_cast<double>(stage.presence_coalesced);
  if (coalesced > (1 - kPresenceShareMin) * expected)
    return no(grouped(100 * coalesced / expected) + " % of the presence was dropped or coalesced");
  auto const p99 = presence_only() ? stage.presence.p99 : stage.ack.p99;
  if (p99 > *options_.saturate) return no("p99 was " + grouped(in_milliseconds(p99)) + " ms");
  return {.held = true};
}

void LoadRun::count_stragglers() {
  auto &counts = floor_.tally.current().counts;
  for (auto const &client : clients_) {
    counts.lost += missing(*client);
    counts.actions_unanswered += client->in_doubt();
    if (options_.dialect != LoadDialect::tableforge || client->unanswered() == 0 || !client->there()) continue;
    // Its connection lives, and still nobody told what became of them.
    counts.lost += client->unanswered();
  }
}

void LoadRun::report() {
  report_.stages = floor_.tally.report();
  find_causes();
}

void LoadRun::find_causes() {
  auto &findings = report_.findings;
  std::chrono::nanoseconds late{0};
  for (auto const &stage : report_.stages) {
    if (stage.generator.cores > kFullCores && stage.seconds >= kFullSecondsMin) report_.generator_was_full = true;
    late = std::max(late, stage.late.p99);
  }
  if (report_.generator_was_full)
    findings.push_back(
        "the generator's own core was full: what was measured is a lower bound; give it a core of its own, or less "
        "load");
  else if (late > kLateMax)
    findings.push_back("messages were sent up to " + grouped(in_milliseconds(late)) +
                       " ms (p99) after they were due: the generator did not get its core");
  for (auto const &[code, count] : refusals_)
    findings.push_back(grouped(static_cast<double>(count)) + " actions were refused: " + code);
  for (auto const &[why, count] : ends_)
    findings.push_back(grouped(static_cast<double>(count)) + " connections were lost: " + why);
  if (slow_ends_ > 0) findings.push_back(std::to_string(slow_ends_) + " slow readers were sent away, and came back");
  if (nobody_there_ > 0)
    findings.push_back(grouped(static_cast<double>(nobody_there_)) + " messages were not sent: nobody was connected");
  if (stopping_) findings.push_back("the run was ended early by a signal");
}

}  // namespace tableforge::load
