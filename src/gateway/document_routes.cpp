#include "gateway/document_routes.hpp"

#include <string>

namespace tableforge::gateway {

namespace {

constexpr std::string_view kAsyncapi = "/asyncapi.json";
constexpr std::string_view kOpenapi = "/openapi.json";

boost::asio::awaitable<HttpResponse> serve(std::string_view document) {
  HttpResponse response;
  response.body = document;
  // They change with the binary only; an hour bounds how long a client may look at those of the one before.
  response.headers.emplace_back("Cache-Control", "public, max-age=3600");
  // Tools that show these documents run in browsers, on other origins.
  response.headers.emplace_back("Access-Control-Allow-Origin", "*");
  co_return response;
}

}  // namespace

void add_document_routes(Router &router, std::string_view asyncapi, std::string_view openapi) {
  router.add("GET", kAsyncapi, [asyncapi](HttpRequest, Router::Parameters) { return serve(asyncapi); });
  router.add("GET", kOpenapi, [openapi](HttpRequest, Router::Parameters) { return serve(openapi); });
}

std::vector<std::string_view> document_patterns() { return {kAsyncapi, kOpenapi}; }

}  // namespace tableforge::gateway
