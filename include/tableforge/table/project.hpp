#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "tableforge/table/event.hpp"
#include "tableforge/table/state.hpp"
#include "tableforge/table/view.hpp"

/// The one way out of a table: what a viewer may know of a state or an event. Everything the server sends, stores for
/// others to read or answers over HTTP comes through here.
namespace tableforge::table {

/// Who is looking; nobody in particular sees what is public.
using Viewer = std::optional<PlayerId>;

/// Whether the viewer sees the zone whole: its pieces with ids and order, not just how many.
bool sees_whole(State const &state, Zone const &zone, Viewer viewer);
/// Who sees the zone whole right now.
Sight sight_of(State const &state, Zone const &zone);
/// The back all pieces of a zone share; nothing if they do not, or if there are none.
std::optional<std::string_view> common_back(State const &state, Zone const &zone);
/// Whether a viewer who sees the piece's zone whole also knows its face.
bool shows_face(Zone const &zone, Piece const &piece);

/// The state as the viewer sees it; `online` tells who is connected, which no event records.
view::State project(State const &state, Viewer viewer, std::function<bool(PlayerId)> const &online);

/// The event as the viewer gets it, now and in any later replay.
view::Event project(Event const &event, Viewer viewer);

/// The players whose form of the event may differ from everybody else's. All others share project(event, nobody), so
/// that one encoding serves them all.
std::vector<PlayerId> named_players(Event const &event);

}  // namespace tableforge::table
