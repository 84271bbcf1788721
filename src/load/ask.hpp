#pragma once

#include <chrono>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "tableforge/load/http_client.hpp"

#include "load/json.hpp"

namespace tableforge::load {

/// An answer of 2xx, as it came and as JSON.
struct Reply {
  std::string bytes;
  Json json;
};

/// Asks until there is an answer that is not "try again later", or the limit has passed. What is not a GET is not
/// repeated after a connection that ended, so that nothing is made twice. Throws Trouble, which begins with `who`.
boost::asio::awaitable<Reply> ask(HttpClient const &http, HttpRequest request,
                                  std::chrono::steady_clock::duration limit, std::string who);

}  // namespace tableforge::load
