#include "load/load_progress.hpp"

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <string>

#include <unistd.h>

#include "load/in_milliseconds.hpp"

namespace tableforge::load {

LoadProgress::LoadProgress(bool shown) : shown_(shown), terminal_(::isatty(STDERR_FILENO) == 1) {}

LoadProgress::~LoadProgress() {
  if (line_open_) std::fputc('\n', stderr);
}

void LoadProgress::show(char const *line) {
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s", line);
    line_open_ = true;
  } else {
    std::fprintf(stderr, "%s\n", line);
  }
}

void LoadProgress::setting_up(std::uint64_t ready, std::uint64_t clients) {
  if (!shown_) return;
  char line[96];
  std::snprintf(line, sizeof line, "setting up: %" PRIu64 " of %" PRIu64 " connections ready", ready, clients);
  show(line);
}

void LoadProgress::running(std::string_view stage, LoadSample const &sample, LoadStage const &total) {
  if (!shown_) return;
  bool const acks = sample.ack_p99.count() > 0;
  char line[320];
  int used = std::snprintf(line, sizeof line,
                           "%5.0f s  %.*s: %.0f actions/s, %.0f deliveries/s, %s p50 %.2f ms p99 %.2f ms, %" PRIu64
                           " connections, generator %.2f cores",
                           sample.at_seconds, static_cast<int>(stage.size()), stage.data(), sample.actions_per_second,
                           sample.deliveries_per_second, acks ? "ack" : "presence",
                           in_milliseconds(acks ? sample.ack_p50 : sample.presence_p50),
                           in_milliseconds(acks ? sample.ack_p99 : sample.presence_p99), sample.connections,
                           sample.generator.cores);
  auto const room = [&] { return sizeof line - static_cast<std::size_t>(used); };
  if (sample.server && static_cast<std::size_t>(used) < sizeof line) {
    used += std::snprintf(line + used, room(), ", server %.2f cores %.0f MB", sample.server->cores,
                          static_cast<double>(sample.server->resident_bytes) / 1e6);
  }
  auto const wrong = total.lost + total.doubled + total.disordered;
  if (wrong + total.actions_refused > 0 && static_cast<std::size_t>(used) < sizeof line) {
    std::snprintf(line + used, room(), "; %" PRIu64 " refused, %" PRIu64 " lost, doubled or out of order",
                  total.actions_refused, wrong);
  }
  show(line);
}

}  // namespace tableforge::load
