#include "app/server_vitals.hpp"

#include <cmath>
#include <fstream>

#include <unistd.h>

namespace tableforge::app {

namespace {

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  double resident = 0;
  file >> pages >> resident;
  return file ? resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) : std::nan("");
}

}  // namespace

ServerVitals::Counted ServerVitals::counted() const {
  auto const &gateway = metrics_.gateway;
  auto const &actions = metrics_.host.actions;
  Counted counted{.latency = gateway.http_latency.snapshot(),
                  .answers = gateway.http_requests.total() + actions.total(),
                  .errors = 0};
  counted.latency.merge(metrics_.host.release.snapshot());
  for (std::size_t route = 0; route < gateway.http_requests.labels()[0].words.size(); ++route) {
    counted.errors += gateway.http_requests.at(route, metrics::StatusClass::server_error).value();
  }
  for (std::size_t op = 0; op < actions.labels()[0].words.size(); ++op) {
    counted.errors += actions.at(op, metrics::ActionOutcome::refused).value();
  }
  return counted;
}

void ServerVitals::begin(Time) { begun_ = counted(); }

tuner::Vitals ServerVitals::end(Time) {
  auto const now = counted();
  auto const answers = now.answers - begun_.answers;
  auto const errors = now.errors - begun_.errors;
  return {.p99_ms = static_cast<double>(now.latency.since(begun_.latency).quantile(0.99)) / 1e6,
          .error_share = answers > 0 ? static_cast<double>(errors) / static_cast<double>(answers) : 0,
          .rss_bytes = resident_bytes()};
}

}  // namespace tableforge::app
