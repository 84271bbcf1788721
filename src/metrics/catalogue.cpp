#include "tableforge/metrics/catalogue.hpp"

namespace tableforge::metrics {

GatewayMetrics::GatewayMetrics(Vocabulary const &vocabulary)
    : errors(*this, "tableforge_errors_total", "Errors told to clients.", Label::open("code", vocabulary.error_codes)),
      http_requests(*this, "tableforge_http_requests_total", "HTTP requests answered.",
                    Label::open("route", vocabulary.routes), Label::of<StatusClass>("status")) {}

HostMetrics::HostMetrics(Vocabulary const &vocabulary)
    : actions(*this, "tableforge_actions_total", "Actions, by what became of them.", Label::open("op", vocabulary.ops),
              Label::of<ActionOutcome>("outcome")) {}

Catalogue::Catalogue(Vocabulary const &vocabulary, BuildInfo build_info)
    : gateway(vocabulary), host(vocabulary), build(std::move(build_info)) {}

std::vector<MetricSet const *> Catalogue::sets() const {
  return {&gateway, &host, &journal, &storage, &redis, &cache, &relay, &lobby, &runtime, &tuner, &server};
}

}  // namespace tableforge::metrics
