#include <algorithm>
#include <csignal>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tableforge/runtime/timer.hpp"

#include "load/load_run.hpp"

/// What a load run does beside its messages: it measures, cuts connections, and reads slowly where that is wanted.
namespace tableforge::load {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds kSampleEvery{1};
constexpr std::chrono::milliseconds kSlowReadEvery{100};
constexpr std::size_t kSlowReadBytes = 512;

}  // namespace

LoadRun::Totals LoadRun::totals() const {
  Totals now{.own = own_totals(), .bytes = floor_.sockets.bytes_received, .at = floor_.now()};
  if (options_.server_pid) now.server = totals_of(*options_.server_pid);
  if (options_.database_pid) now.database = totals_of_family(*options_.database_pid);
  return now;
}

/// Once a second: a point of the time line, and the progress line.
asio::awaitable<void> LoadRun::watch(LoadRun &run) {
  auto before = run.totals();
  auto total_before = run.floor_.tally.total();
  asio::steady_timer timer(run.shard_.executor());
  auto next = std::chrono::steady_clock::now();
  while (!run.ending_) {
    next += kSampleEvery;
    timer.expires_at(next);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (run.ending_) break;
    if (run.setting_up_) {
      run.progress_.setting_up(run.settled_, run.clients_.size());
      before = run.totals();
      total_before = run.floor_.tally.total();
      continue;
    }
    auto const after = run.totals();
    run.take_sample(before, after, total_before);
    before = after;
    total_before = run.floor_.tally.total();
  }
}

void LoadRun::take_sample(Totals const &before, Totals const &after, LoadStage const &total_before) {
  auto const &stage = floor_.tally.current();
  auto const total = floor_.tally.total();
  double const seconds = static_cast<double>(after.at - before.at) / 1e9;
  auto const per_second = [&](std::uint64_t count, std::uint64_t earlier) {
    return static_cast<double>(count - earlier) / seconds;
  };
  // A stage's own histogram begins with the stage.
  bool const same = sampled_stage_ == &stage;
  auto const acks = same ? stage.ack.since(acks_before_) : stage.ack.quantiles();
  auto const presences = same ? stage.presence.since(presence_before_) : stage.presence.quantiles();
  acks_before_ = stage.ack;
  presence_before_ = stage.presence;
  sampled_stage_ = &stage;

  LoadSample sample{.at_seconds = static_cast<double>(after.at - load_begin_) / 1e9,
                    .offered_per_second = stage.counts.offered_per_second,
                    .actions_per_second = per_second(total.actions_accepted, total_before.actions_accepted),
                    .deliveries_per_second = per_second(total.deliveries + total.presence_deliveries,
                                                        total_before.deliveries + total_before.presence_deliveries),
                    .ack_p50 = acks.p50,
                    .ack_p99 = acks.p99,
                    .presence_p50 = presences.p50,
                    .presence_p99 = presences.p99,
                    .connections = static_cast<std::uint64_t>(
                        std::ranges::count_if(clients_, [](auto const &c) { return c->there(); })),
                    .server = use_between(before.server, after.server, seconds),
                    .database = use_between(before.database, after.database, seconds),
                    .generator = use_between(before.own, after.own, seconds)};
  progress_.running(stage.counts.name, sample, total);
  report_.samples.push_back(std::move(sample));
}

/// Cuts a connection now and then, as networks do, and has the client come back at once.
asio::awaitable<void> LoadRun::churn(LoadRun &run) {
  asio::steady_timer timer(run.shard_.executor());
  auto next = std::chrono::steady_clock::now();
  auto const every = std::chrono::nanoseconds(static_cast<std::int64_t>(1e9 / run.options_.churn));
  while (run.going() && !run.ending_) {
    next += every;
    timer.expires_at(next);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!run.going() || run.ending_) break;
    auto &client = *run.clients_[std::uniform_int_distribution<std::size_t>(0, run.clients_.size() - 1)(run.random_)];
    if (!client.there() || client.slow()) continue;
    client.cut();
    run.start("rejoin", rejoin(run, client, true));
  }
}

asio::awaitable<void> LoadRun::read_slowly(LoadRun &run) {
  while (!run.ending_) {
    // At full speed until all are there: a slow arrival is not what is tried.
    co_await runtime::sleep_for(run.setting_up_ ? kSlowReadEvery / 10 : kSlowReadEvery);
    auto const bytes = run.setting_up_ ? LoadSockets::kReadBytes : kSlowReadBytes;
    for (auto const &client : run.clients_) {
      if (client->slow()) client->read_slowly(bytes);
    }
  }
}

void LoadRun::stop_on_signals() {
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  signals_.async_wait([this](boost::system::error_code code, int) {
    if (code) return;
    stopping_ = true;
    pace_timer_.cancel();
    changed_.notify();
    // A second one ends the process, as it would without us.
    signals_.clear();
  });
}

}  // namespace tableforge::load
