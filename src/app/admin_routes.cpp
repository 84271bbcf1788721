#include "app/admin_routes.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "tableforge/log/log.hpp"

#include "app/knob_document.hpp"
#include "app/operator_gate.hpp"
#include "app/tuner_routes.hpp"
#include "gateway/refusal.hpp"

namespace tableforge::app {

namespace {

using gateway::HttpRequest;
using gateway::HttpResponse;
using gateway::Refusal;
using gateway::Router;
using protocol::ErrorCode;

constexpr std::string_view kHealthz = "/healthz";
constexpr std::string_view kReadyz = "/readyz";
constexpr std::string_view kMetrics = "/metrics";
constexpr std::string_view kKnobs = "/admin/knobs";
constexpr std::string_view kKnob = "/admin/knobs/{name}";
constexpr std::string_view kDrain = "/admin/drain";

using Shared = std::shared_ptr<AdminParts const>;

HttpResponse respond(unsigned status, std::string type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = std::move(type);
  response.body = std::move(body);
  return response;
}

/// What has a home of its own and is copied for each scrape. Only the housekeeping thread does.
void bring_up_to_date(metrics::ServerMetrics &metrics, Readiness const &readiness) {
  metrics.ready.set(readiness.ready() ? 1 : 0);
  metrics.postgres_up.set(readiness.postgres_up() ? 1 : 0);
  auto const lines = log::not_written();
  metrics.log_suppressed.add(lines.suppressed - metrics.log_suppressed.value());
  metrics.log_lost.add(lines.lost - metrics.log_lost.value());
}

HttpResponse turn(Knobs &knobs, std::string const &name, std::string_view body) {
  auto *const knob = knobs.find(name);
  if (knob == nullptr) return answer(Refusal{.code = ErrorCode::not_found, .message = "there is no such knob"});
  auto const wanted = knob_value(body);
  if (!wanted) return answer(wanted.error());
  double const before = knob->number();
  if (auto const set = knob->set_number(*wanted); !set) {
    return answer(
        Refusal{.message = std::string(set.error().text) + "; it takes " + knob_range(*knob), .path = "value"});
  }
  log::info("an operator turned a knob", {{"knob", name}, {"from", before}, {"to", *wanted}});
  return json_response(200, knob_document(*knob));
}

}  // namespace

void add_admin_routes(Router &router, AdminParts admin) {
  Shared const parts = std::make_shared<AdminParts const>(std::move(admin));
  auto const add = [&router](std::string_view method, std::string_view pattern, auto handle) {
    router.add(method, pattern,
               [handle](HttpRequest request, Router::Parameters parameters) -> boost::asio::awaitable<HttpResponse> {
                 co_return handle(request, parameters);
               });
  };
  add("GET", kHealthz, [](auto const &, auto const &) { return respond(200, "text/plain; charset=utf-8", "ok\n"); });
  add("GET", kReadyz, [parts](auto const &, auto const &) {
    return json_response(parts->readiness.ready() ? 200 : 503, parts->readiness.json());
  });
  add("GET", kMetrics, [parts](HttpRequest const &request, auto const &) {
    auto refused = parts->metrics_need_token ? turned_away(parts->token, request) : std::nullopt;
    if (refused) return *refused;
    bring_up_to_date(parts->metrics.server, parts->readiness);
    return respond(200, "text/plain; version=0.0.4; charset=utf-8", parts->metrics.text(&parts->knobs));
  });
  add("GET", kKnobs, [parts](HttpRequest const &request, auto const &) {
    if (auto refused = turned_away(parts->token, request)) return *refused;
    return json_response(200, knobs_document(parts->knobs));
  });
  add("PUT", kKnob, [parts](HttpRequest const &request, Router::Parameters const &parameters) {
    if (auto refused = turned_away(parts->token, request)) return *refused;
    return turn(parts->knobs, parameters.at("name"), request.body);
  });
  add("POST", kDrain, [parts](HttpRequest const &request, auto const &) {
    if (auto refused = turned_away(parts->token, request)) return *refused;
    parts->drain();
    return json_response(202, R"({"status":"draining"})");
  });
  add_tuner_routes(router, parts->token, parts->tuning);
}

std::vector<std::string_view> admin_patterns() {
  std::vector<std::string_view> patterns{kHealthz, kReadyz, kMetrics, kKnobs, kKnob, kDrain};
  for (auto const pattern : tuner_patterns()) patterns.push_back(pattern);
  return patterns;
}

}  // namespace tableforge::app
