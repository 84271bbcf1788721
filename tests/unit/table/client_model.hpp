#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

namespace tableforge::table::test {

/// A client as its author would write it from the published protocol: it starts from one snapshot, takes the events in
/// the forms it gets, and knows nothing else of the server. JSON in, JSON inside.
class ClientModel {
 public:
  using Json = nlohmann::json;

  ClientModel(std::string me, Json state) : me_(std::move(me)), state_(std::move(state)) {}

  [[nodiscard]] Json const &state() const { return state_; }

  void take(Json const &event) {
    auto const ev = event.at("ev").get<std::string>();
    if (ev == "skip") return;
    seq_ = event.at("seq");
    auto const &data = event.at("data");
    if (ev == "player.joined") {
      state_["players"].push_back(
          {{"id", data.at("player")}, {"name", data.at("name")}, {"role", data.at("role")}, {"online", false}});
    } else if (ev == "seat.taken" || ev == "seat.assigned") {
      entry("seats", data.at("seat"))["player"] = data.at("player");
    } else if (ev == "seat.left") {
      entry("seats", data.at("seat"))["player"] = nullptr;
    } else if (ev == "role.granted") {
      entry("players", data.at("player"))["role"] = data.at("role");
      for (auto const &seat : data.at("vacated")) entry("seats", seat)["player"] = nullptr;
    } else if (ev == "table.configured") {
      for (auto const &[name, value] : data.items()) state_["table"][name] = value;
    } else if (ev == "piece.created") {
      piece_created(data);
    } else if (ev == "piece.moved") {
      piece_moved(data);
    } else if (ev == "piece.turned") {
      piece_turned(data);
    } else if (ev == "piece.updated") {
      piece_updated(data);
    } else if (ev == "piece.removed") {
      piece_removed(data);
    } else if (ev == "zone.created") {
      zone_created(data.at("zone"));
    } else if (ev == "zone.removed") {
      auto &zones = state_["zones"];
      zones.erase(std::ranges::find_if(zones, [&](Json const &zone) { return zone.at("id") == data.at("zone"); }));
    } else if (ev == "zone.shuffled") {
      auto &zone = changed(data.at("zone"));
      if (data.contains("pieces")) zone["pieces"] = data.at("pieces");
    } else if (ev == "counter.changed" || ev == "counter.transferred") {
      for (auto const &counter : data.at("counters")) counter_changed(counter);
    } else if (ev == "turn.changed") {
      state_["turn"] = data;
    } else if (ev == "chat.said" || ev == "chat.whispered") {
      state_["chat"].push_back(event);
    } else if (ev != "dice.rolled" && ev != "zone.peeked" && ev != "zone.revealed") {
      throw std::runtime_error("an event the protocol does not know: " + ev);
    }
  }

 private:
  Json &entry(std::string const &list, Json const &id) {
    for (auto &each : state_[list]) {
      if (each.at("id") == id) return each;
    }
    throw std::runtime_error("the client knows nothing of " + id.dump() + " in " + list);
  }

  Json &zone_of(Json const &id) { return entry("zones", id); }

  Json &changed(Json const &id) {
    auto &zone = zone_of(id);
    zone["version"] = seq_;
    return zone;
  }

  static void number(Json &zone) {
    if (zone.at("kind") == "board") return;
    int index = 0;
    for (auto &piece : zone["pieces"]) piece["index"] = index++;
  }

  /// On a board a piece has a place, elsewhere an index.
  static void fit(Json const &zone, Json &piece) {
    if (zone.at("kind") == "board") {
      piece.erase("index");
    } else {
      piece.erase("x");
      piece.erase("y");
    }
  }

  /// An event tells an index in an ordered zone, x and y on a board, and never both.
  static std::optional<std::size_t> told_index(Json const &zone, Json const &told) {
    bool const ordered = zone.at("kind") != "board";
    if (told.contains("index") != ordered || told.contains("x") == ordered || told.contains("y") == ordered) {
      throw std::runtime_error("the wrong kind of place in " + zone.at("id").dump() + ": " + told.dump());
    }
    return ordered ? std::optional(told.at("index").get<std::size_t>()) : std::nullopt;
  }

  static void insert(Json &zone, Json piece, std::optional<std::size_t> index) {
    fit(zone, piece);
    auto &pieces = zone["pieces"];
    auto const at = std::min(index.value_or(pieces.size()), pieces.size());
    pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(at), std::move(piece));
  }

  static Json::iterator find(Json &zone, Json const &id) {
    auto &pieces = zone["pieces"];
    auto const found = std::ranges::find_if(pieces, [&](Json const &piece) { return piece.at("id") == id; });
    if (found == pieces.end()) throw std::runtime_error("the client does not see " + id.dump());
    return found;
  }

  static Json take_out(Json &zone, Json const &id) {
    auto const found = find(zone, id);
    Json piece = std::move(*found);
    zone["pieces"].erase(found);
    return piece;
  }

  /// What left a zone and what backs came to it in one event.
  struct Tally {
    std::int64_t stayed = 0;
    std::set<std::string> came;
  };
  using Tallies = std::map<std::string, Tally>;

  static Tally &tally(Tallies &tallies, Json const &zone) {
    return tallies.try_emplace(zone.at("id"), Tally{.stayed = zone.at("count"), .came = {}}).first->second;
  }

  static void put_face(Json &piece, Json const &told) {
    piece.erase("face");
    if (told.contains("face")) piece["face"] = told.at("face");
  }

  void piece_created(Json const &data) {
    for (auto const &each : data.at("pieces")) {
      auto &zone = changed(each.at("zone"));
      zone["count"] = zone["count"].get<std::int64_t>() + 1;
      insert(zone, each.at("piece"), told_index(zone, each.at("piece")));
      number(zone);
    }
    for (auto const &each : data.at("counts")) add(changed(each.at("zone")), each.at("count"));
    told_backs(data);
  }

  void piece_moved(Json const &data) {
    Tallies tallies;
    if (!data.contains("moves")) {
      counted_move(data, tallies);
    } else {
      for (auto const &move : data.at("moves")) {
        if (move.contains("count")) {
          counted_move(move, tallies);
        } else {
          seen_move(move, tallies);
        }
      }
    }
    settle_backs(tallies);
    told_backs(data);
  }

  static void add(Json &zone, std::int64_t pieces) { zone["count"] = zone["count"].get<std::int64_t>() + pieces; }

  void counted_move(Json const &move, Tallies &tallies) {
    auto &from = changed(move.at("from"));
    auto &to = changed(move.at("to"));
    if (&from == &to) return;
    auto const count = move.at("count").get<std::int64_t>();
    tally(tallies, from).stayed -= count;
    auto &came = tally(tallies, to).came;
    // What leaves a zone of one back has that back; of what leaves mixed ones the server tells.
    if (from.contains("back")) came.insert(from.at("back").get<std::string>());
    add(from, -count);
    add(to, count);
  }

  void seen_move(Json const &move, Tallies &tallies) {
    auto &from = changed(move.at("from"));
    auto &to = changed(move.at("to"));
    bool const saw = from.contains("pieces");
    bool const sees = to.contains("pieces");
    if (&from == &to && !told_index(to, move)) {
      lay(from, *find(from, move.at("piece")), move);
      number(from);
      return;
    }
    tally(tallies, from).stayed -= 1;
    auto &came = tally(tallies, to).came;
    Json piece = saw ? take_out(from, move.at("piece")) : Json{{"id", move.at("piece")}};
    add(from, -1);
    add(to, 1);
    if (saw) number(from);
    if (!sees) {
      came.insert(piece.at("back").get<std::string>());
      return;
    }
    if (move.contains("new_id")) piece["id"] = move.at("new_id");
    for (auto const *part : {"kind", "back", "label", "locked"}) {
      if (move.contains(part)) piece[part] = move.at(part);
    }
    lay(to, piece, move);
    insert(to, std::move(piece), told_index(to, move));
    number(to);
  }

  static void lay(Json const &zone, Json &piece, Json const &move) {
    for (auto const *part : {"side", "rotation", "x", "y"}) {
      if (move.contains(part)) piece[part] = move.at(part);
    }
    put_face(piece, move);
    fit(zone, piece);
  }

  /// Zones seen as counts have the back that all their pieces share.
  void settle_backs(Tallies const &tallies) {
    for (auto const &[id, tally] : tallies) {
      auto &zone = zone_of(id);
      if (zone.contains("pieces")) continue;
      auto backs = tally.came;
      bool const mixed_stayed = tally.stayed > 0 && !zone.contains("back");
      if (tally.stayed > 0 && !mixed_stayed) backs.insert(zone.at("back").get<std::string>());
      zone.erase("back");
      if (backs.size() == 1 && !mixed_stayed) zone["back"] = *backs.begin();
    }
  }

  void told_backs(Json const &data) {
    if (!data.contains("backs")) return;
    for (auto const &each : data.at("backs")) {
      auto &zone = zone_of(each.at("zone"));
      zone.erase("back");
      if (!each.at("back").is_null()) zone["back"] = each.at("back");
    }
  }

  void piece_turned(Json const &data) {
    for (auto const &each : data.at("pieces")) {
      auto &piece = *find(changed(each.at("zone")), each.at("piece"));
      piece["side"] = each.at("side");
      put_face(piece, each);
    }
    for (auto const &each : data.at("counts")) changed(each.at("zone"));
  }

  void piece_updated(Json const &data) {
    auto &zone = changed(data.at("zone"));
    if (!data.contains("piece")) return;
    auto &piece = *find(zone, data.at("piece"));
    for (auto const &[name, value] : data.at("set").items()) piece[name] = value;
  }

  void piece_removed(Json const &data) {
    for (auto const &each : data.at("pieces")) {
      auto &zone = changed(each.at("zone"));
      take_out(zone, each.at("piece"));
      add(zone, -1);
      number(zone);
    }
    for (auto const &each : data.at("counts")) {
      auto &zone = changed(each.at("zone"));
      add(zone, -each.at("count").get<std::int64_t>());
      if (zone.at("count") == 0) zone.erase("back");
    }
    told_backs(data);
  }

  void zone_created(Json zone) {
    bool const own = zone.at("visibility") == "owner" && entry("seats", zone.at("seat")).at("player") == me_;
    if (zone.at("visibility") == "public" || own) zone["pieces"] = Json::array();
    state_["zones"].push_back(std::move(zone));
  }

  void counter_changed(Json const &counter) {
    for (auto &each : state_["counters"]) {
      if (each.at("id") != counter.at("id")) continue;
      each.update(counter);
      return;
    }
    state_["counters"].push_back(counter);
  }

  std::string me_;
  Json state_;
  Json seq_;
};

}  // namespace tableforge::table::test
