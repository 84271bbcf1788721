#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <type_traits>

#include "tableforge/base/result.hpp"
#include "tableforge/log/log.hpp"

#include "storage/connection.hpp"
#include "storage/conninfo.hpp"
#include "storage/failure.hpp"

namespace tableforge::storage {

/// Calls f(Connection &), which returns a Result and may throw what libpqxx throws, on a session of its own: for what
/// happens once, at boot. Unlike while serving, no statement carries a game's data, so the server's words are logged.
template <class F>
std::invoke_result_t<F &, Connection &> with_session(std::string const &url,
                                                     std::chrono::milliseconds statement_timeout, std::string_view what,
                                                     F f) {
  Watchdog watchdog;
  try {
    Connection session(conninfo(url).value_or(""), statement_timeout, watchdog);
    return f(session);
  } catch (...) {
    Failure const failure = current_failure();
    log::error("a step of the boot failed",
               {{"step", what}, {"sqlstate", failure.sqlstate}, {"why", current_message()}});
    return std::unexpected(failure.error());
  }
}

}  // namespace tableforge::storage
