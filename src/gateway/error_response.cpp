#include <algorithm>

#include "tableforge/base/json_writer.hpp"
#include "tableforge/gateway/http.hpp"

namespace tableforge::gateway {

namespace {

using protocol::ErrorCode;

unsigned status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::bad_request:
    case ErrorCode::unknown_op: return 400;
    case ErrorCode::unauthorized: return 401;
    case ErrorCode::forbidden: return 403;
    case ErrorCode::not_found: return 404;
    case ErrorCode::conflict:
    case ErrorCode::id_reused:
    case ErrorCode::not_your_turn:
    case ErrorCode::locked:
    case ErrorCode::full:
    case ErrorCode::empty:
    case ErrorCode::insufficient: return 409;
    case ErrorCode::too_large: return 413;
    case ErrorCode::rate_limited: return 429;
    case ErrorCode::overloaded:
    case ErrorCode::storage_unavailable: return 503;
  }
  return 500;
}

/// Retry-After knows whole seconds only; rounded up, because coming early is a wasted request.
std::int64_t retry_after_seconds(std::optional<std::int64_t> retry_after_ms) {
  return std::max<std::int64_t>(1, (retry_after_ms.value_or(1'000) + 999) / 1'000);
}

}  // namespace

HttpResponse error_response(ErrorCode code, std::string_view message, protocol::ErrorDetails const &details) {
  HttpResponse response;
  response.status = status_of(code);
  JsonWriter writer(response.body);
  writer.begin_object();
  writer.key("error");
  writer.begin_object();
  writer.key("code");
  writer.string(word(code));
  writer.key("message");
  writer.string(message);
  writer.key("retryable");
  writer.boolean(protocol::retryable(code));
  if (!details.path.empty() || details.limit || details.retry_after_ms) {
    writer.key("details");
    writer.begin_object();
    if (!details.path.empty()) {
      writer.key("path");
      writer.string(details.path);
    }
    if (details.limit) {
      writer.key("limit");
      writer.number(*details.limit);
    }
    if (details.retry_after_ms) {
      writer.key("retry_after_ms");
      writer.number(*details.retry_after_ms);
    }
    writer.end_object();
  }
  writer.end_object();
  writer.end_object();
  if (code == ErrorCode::unauthorized) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (protocol::retryable(code) || details.retry_after_ms) {
    response.headers.emplace_back("Retry-After", std::to_string(retry_after_seconds(details.retry_after_ms)));
  }
  return response;
}

}  // namespace tableforge::gateway
