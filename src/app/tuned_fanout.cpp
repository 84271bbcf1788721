#include "app/tuned_fanout.hpp"

#include <ctime>

#include "tableforge/tuner/websocket_domain.hpp"

namespace tableforge::app {

namespace {

double process_cpu_ms() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

}  // namespace

TunedFanout::TunedFanout(Knobs &knobs, metrics::Catalogue const &metrics, std::chrono::milliseconds block)
    : knobs_(knobs), metrics_(metrics), block_(block), vitals_(metrics), governor_(*this, knobs) {}

tuner::FanoutCounts TunedFanout::counts() const {
  return {.delivered = static_cast<double>(metrics_.gateway.frames_out.value()),
          .cpu_ms = process_cpu_ms(),
          .rates = metrics_.host.presence_rate.snapshot(),
          .waits = metrics_.host.presence_wait.snapshot(),
          .answers = metrics_.host.release.snapshot(),
          .turns = metrics_.runtime.turn.snapshot()};
}

std::unique_ptr<tuner::Domain> TunedFanout::domain() {
  return std::make_unique<tuner::WebsocketDomain>(*this, vitals_, knobs_,
                                                  tuner::WebsocketDomain::Options{.epoch = 5 * block_});
}

}  // namespace tableforge::app
