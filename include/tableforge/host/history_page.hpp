#pragma once

#include <span>
#include <string>

#include "tableforge/base/ids.hpp"
#include "tableforge/table/event.hpp"

namespace tableforge::host {

/// Committed events as HTTP answers them, each in the very form that `viewer` got or would have got live. `head` is the
/// table's last committed seq, from which follows whether there is a next page.
///
/// Threads: any; the work grows with the events, so call it from a pool.
std::string history_page(std::span<table::Event const> events, PlayerId viewer, Seq head);

}  // namespace tableforge::host
