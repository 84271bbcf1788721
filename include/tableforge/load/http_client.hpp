#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/load/endpoint.hpp"

namespace tableforge::load {

namespace asio = boost::asio;

struct HttpRequest {
  enum class Method : std::uint8_t { get, post, put, delete_ };
  Method method = Method::get;
  std::string target;
  std::string token;  ///< Bearer; empty for none.
  std::string body;   ///< JSON; empty for none.
};

struct HttpResponse {
  unsigned status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after;
};

/// Asks an HTTP server, one connection per request: what is not live is asked for rarely, and a connection that is
/// never reused can never turn out to be stale in the middle of a POST.
///
/// Threads: any; each request runs on its caller's executor.
/// Bounds:  an answer of more than 64 MiB is refused.
/// Errors:  unavailable, timeout; invalid for an answer that is not HTTP. A status is data.
class HttpClient {
 public:
  explicit HttpClient(Endpoint endpoint);

  [[nodiscard]] asio::awaitable<Result<HttpResponse>> request(HttpRequest request,
                                                              std::chrono::steady_clock::duration limit) const;

 private:
  Endpoint endpoint_;
};

}  // namespace tableforge::load
