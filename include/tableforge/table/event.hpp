#pragma once

#include <cstdint>
#include <optional>

#include "tableforge/base/ids.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/table/change.hpp"

namespace tableforge::table {

/// One accepted action: one event, one seq.
struct Event {
  Seq seq = 0;
  Time at;
  std::optional<PlayerId> by;  ///< Absent for what the server does by itself.
  ClientId client;             ///< Empty unless a client's action caused it.
  ActionId action;             ///< Empty unless a client's action caused it.
  std::uint64_t fingerprint = 0;
  Change change;
};

}  // namespace tableforge::table
