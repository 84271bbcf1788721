#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tableforge/protocol/encode.hpp"
#include "tableforge/protocol/error_code.hpp"

/// HTTP as the routes see it: values, without Beast.
namespace tableforge::gateway {

struct HttpRequest {
  std::string method;  ///< "GET", "POST", …
  std::string path;    ///< Decoded, without the query.
  std::map<std::string, std::string, std::less<>> query;
  std::string authorization;  ///< The header's value, or empty.
  std::string body;
  std::string remote_address;
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// {"error":{…}} with the status that fits the code, and Retry-After where it applies.
HttpResponse error_response(protocol::ErrorCode code, std::string_view message,
                            protocol::ErrorDetails const &details = {});

/// Which handler serves a request: patterns such as "/v1/tables/{id}/history", parameters by name.
///
/// Threads: built at boot, then read from any. A handler runs as a coroutine on the shard that took the request.
class Router {
 public:
  using Parameters = std::map<std::string, std::string, std::less<>>;
  using Handler = std::function<boost::asio::awaitable<HttpResponse>(HttpRequest, Parameters)>;

  void add(std::string_view method, std::string_view pattern, Handler handler);

  struct Match {
    Handler const *handler = nullptr;
    Parameters parameters;
    std::size_t route = 0;             ///< Index into patterns(), for metrics.
    std::vector<std::string> allowed;  ///< Methods of that path, when only the method is wrong (405).
  };
  [[nodiscard]] Match find(std::string_view method, std::string_view path) const;

  /// The patterns in order of their addition, each once: the vocabulary of the metrics' route label.
  [[nodiscard]] std::vector<std::string_view> patterns() const;

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    std::size_t label = 0;
    Handler handler;
  };
  std::vector<Route> routes_;
  std::vector<std::string> patterns_;
};

}  // namespace tableforge::gateway
