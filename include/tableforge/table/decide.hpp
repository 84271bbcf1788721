#pragma once

#include <expected>

#include "tableforge/base/time.hpp"
#include "tableforge/table/action.hpp"
#include "tableforge/table/chance.hpp"
#include "tableforge/table/event.hpp"
#include "tableforge/table/reject.hpp"
#include "tableforge/table/state.hpp"

namespace tableforge::table {

/// Judges one action against a state: the one event it makes, or why not. Pure: nothing is changed, no clock is read,
/// randomness comes from `chance`. The event carries state.seq + 1 and the later of `now` and the last event's time.
///
/// A repeat (see State::find_remembered) is the caller's business: it is answered by the original event, not decided.
std::expected<Event, Rejection> decide(State const &state, Action const &action, Time now, Chance &chance);

/// Takes an event into the state it was decided on: event.seq is state.seq + 1.
void apply(State &state, Event const &event);

}  // namespace tableforge::table
