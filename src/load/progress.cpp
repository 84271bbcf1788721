#include "load/progress.hpp"

#include <cinttypes>
#include <cstdio>
#include <utility>

#include <unistd.h>

namespace tableforge::load {

namespace {

constexpr std::chrono::milliseconds kOnTerminal{200};
constexpr std::chrono::milliseconds kElsewhere{5'000};

}  // namespace

Progress::Progress(boost::asio::any_io_executor executor, ReplayReport const &counts)
    : timer_(std::move(executor)), counts_(counts), terminal_(::isatty(STDERR_FILENO) == 1) {}

void Progress::start() { tick(); }

void Progress::tick() {
  timer_.expires_after(terminal_ ? kOnTerminal : kElsewhere);
  timer_.async_wait([this](boost::system::error_code code) {
    if (code) return;
    show();
    tick();
  });
}

void Progress::stop() {
  timer_.cancel();
  if (!terminal_) return;
  show();
  std::fputc('\n', stderr);
}

void Progress::show() const {
  std::fprintf(stderr,
               "%s%" PRIu64 "/%" PRIu64 " games, %" PRIu64 " actions, %" PRIu64 " deliveries, %" PRIu64
               " cuts, %" PRIu64 " leaks, %" PRIu64 " mismatches%s",
               terminal_ ? "\r\033[K" : "", counts_.games_finished, counts_.games, counts_.actions, counts_.deliveries,
               counts_.cuts, counts_.leaks, counts_.mismatches, terminal_ ? "" : "\n");
}

}  // namespace tableforge::load
