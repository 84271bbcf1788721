#pragma once

#include "tableforge/metrics/words.hpp"
#include "tableforge/protocol/close_code.hpp"

namespace tableforge::gateway {

/// Whether a goodbye goes before the close frame: to clients that are to come back, or whose place was taken. The
/// others have had an error that says more, or said nothing themselves.
constexpr bool says_goodbye(protocol::CloseReason reason) {
  using enum protocol::CloseReason;
  return reason == restarting || reason == too_slow || reason == overloaded || reason == replaced;
}

constexpr metrics::CloseReason metric_of(protocol::CloseReason reason) {
  switch (reason) {
    case protocol::CloseReason::restarting: return metrics::CloseReason::restarting;
    case protocol::CloseReason::no_hello: return metrics::CloseReason::no_hello;
    case protocol::CloseReason::too_slow: return metrics::CloseReason::too_slow;
    case protocol::CloseReason::replaced: return metrics::CloseReason::replaced;
    case protocol::CloseReason::overloaded: return metrics::CloseReason::overloaded;
    case protocol::CloseReason::unauthorized: return metrics::CloseReason::unauthorized;
    case protocol::CloseReason::violation: return metrics::CloseReason::protocol_violation;
    case protocol::CloseReason::table_closed: return metrics::CloseReason::table_closed;
    case protocol::CloseReason::removed: return metrics::CloseReason::removed;
  }
  return metrics::CloseReason::lost;
}

}  // namespace tableforge::gateway
