#include "table/backs.hpp"

#include <algorithm>
#include <map>

#include "tableforge/table/project.hpp"

namespace tableforge::table {

namespace {

bool counted(Zone const *zone) { return zone != nullptr && zone->visibility != Visibility::everybody; }

std::vector<Zone const *> distinct(std::vector<Zone const *> zones) {
  std::vector<Zone const *> once;
  for (auto const *zone : zones) {
    if (counted(zone) && std::ranges::find(once, zone) == once.end()) once.push_back(zone);
  }
  return once;
}

bool mixed(State const &state, Zone const &zone) { return !zone.order.empty() && !common_back(state, zone); }

std::optional<std::string> back_after(State const &state, Zone const &zone, std::span<Passage const> passages) {
  std::map<std::string_view, std::int64_t> pieces;
  for (auto const id : zone.order) ++pieces[state.find_piece(id)->back];
  for (auto const &each : passages) {
    if (each.from == &zone) --pieces[each.back];
    if (each.to == &zone) ++pieces[each.back];
  }
  std::erase_if(pieces, [](auto const &each) { return each.second == 0; });
  return pieces.size() == 1 ? std::optional(std::string(pieces.begin()->first)) : std::nullopt;
}

}  // namespace

std::optional<std::vector<ZoneBack>> untold_backs(State const &state, std::span<Passage const> passages) {
  std::vector<Zone const *> left;
  std::vector<Zone const *> touched;
  bool untold = false;
  for (auto const &each : passages) {
    left.push_back(each.from);
    touched.push_back(each.from);
    touched.push_back(each.to);
    untold = untold || (each.from == nullptr && counted(each.to));
  }
  untold = untold || std::ranges::any_of(distinct(std::move(left)), [&](auto *zone) { return mixed(state, *zone); });
  if (!untold) return std::nullopt;

  std::vector<ZoneBack> backs;
  for (auto const *zone : distinct(std::move(touched))) {
    backs.push_back({.zone = zone->id, .sight = sight_of(state, *zone), .back = back_after(state, *zone, passages)});
  }
  return backs;
}

}  // namespace tableforge::table
