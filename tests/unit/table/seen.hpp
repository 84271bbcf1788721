#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "tableforge/protocol/encode.hpp"
#include "tableforge/table/project.hpp"

/// What somebody at a table really gets: the text on the wire, and that text read as a client reads it.
namespace tableforge::table::test {

using Json = nlohmann::json;

inline Viewer const kNobody = std::nullopt;

inline std::string wire(Event const &event, Viewer viewer) {
  std::string text;
  protocol::append_event(text, project(event, viewer));
  return text;
}

inline std::string wire(State const &state, Viewer viewer) {
  std::string text;
  protocol::append_state(text, state.seq, project(state, viewer, [](PlayerId) { return false; }));
  return text;
}

inline Json seen(Event const &event, Viewer viewer) { return Json::parse(wire(event, viewer)); }
inline Json seen_data(Event const &event, Viewer viewer) { return seen(event, viewer).at("data"); }
inline Json seen(State const &state, Viewer viewer) { return Json::parse(wire(state, viewer)).at("state"); }

inline Json seen_zone(State const &state, Viewer viewer, std::string const &zone) {
  auto const shown = seen(state, viewer);  // GCC 14 does not yet keep a loop's temporaries alive.
  for (auto const &each : shown.at("zones")) {
    if (each.at("id") == zone) return each;
  }
  return nullptr;
}

}  // namespace tableforge::table::test
