#include "app/admin_routes.hpp"

#include <string>
#include <utility>

namespace tableforge::app {

namespace {

using gateway::HttpRequest;
using gateway::HttpResponse;
using gateway::Router;

constexpr std::string_view kHealthz = "/healthz";
constexpr std::string_view kReadyz = "/readyz";
constexpr std::string_view kMetrics = "/metrics";

boost::asio::awaitable<HttpResponse> respond(unsigned status, std::string type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = std::move(type);
  response.body = std::move(body);
  co_return response;
}

}  // namespace

void add_admin_routes(Router &router, Readiness const &readiness, metrics::Catalogue const &metrics,
                      Knobs const &knobs) {
  router.add("GET", kHealthz,
             [](HttpRequest, Router::Parameters) { return respond(200, "text/plain; charset=utf-8", "ok\n"); });
  router.add("GET", kReadyz, [&readiness](HttpRequest, Router::Parameters) {
    return respond(readiness.ready() ? 200 : 503, "application/json", readiness.json());
  });
  router.add("GET", kMetrics, [&metrics, &knobs](HttpRequest, Router::Parameters) {
    return respond(200, "text/plain; version=0.0.4; charset=utf-8", metrics.text(&knobs));
  });
}

std::vector<std::string_view> admin_patterns() { return {kHealthz, kReadyz, kMetrics}; }

}  // namespace tableforge::app
