#include "load/table_model.hpp"

#include <algorithm>
#include <cstdint>
#include <set>

#include "load/trouble.hpp"

namespace tableforge::load {

namespace {

constexpr std::size_t kChatLinesKept = 50;

/// The element of a list whose `id` it is; null if there is none.
template <class List>
auto *find_by_id(List &list, std::string_view id) {
  auto const at = std::ranges::find_if(
      list, [&](auto const &each) { return each.at("id").template get_ref<std::string const &>() == id; });
  return at == list.end() ? nullptr : &*at;
}

bool whole(Json const &zone) { return zone.contains("pieces"); }
bool ordered(Json const &zone) { return zone.at("kind") != "board"; }

/// After a piece was put in or taken out: places and count follow from the list.
void renumber(Json &zone) {
  auto &pieces = zone.at("pieces");
  zone["count"] = pieces.size();
  if (!ordered(zone)) return;
  std::size_t index = 0;
  for (auto &piece : pieces) piece["index"] = index++;
}

/// A piece lies at a place in an order, or at a point of a board; never both.
void fit_to(Json const &zone, Json &piece) {
  if (ordered(zone)) {
    piece.erase("x");
    piece.erase("y");
  } else {
    piece.erase("index");
  }
}

/// Where an event says that a piece is to lie: an index in an ordered zone, x and y on a board, and never both.
std::optional<std::size_t> told_index(Json const &zone, Json const &told) {
  bool const fits = ordered(zone) ? told.contains("index") && !told.contains("x") && !told.contains("y")
                                  : !told.contains("index") && told.contains("x") && told.contains("y");
  if (!fits) throw Trouble("a piece is told the wrong kind of place in " + zone.at("id").get<std::string>());
  return ordered(zone) ? std::optional(told.at("index").get<std::size_t>()) : std::nullopt;
}

void copy_present(Json const &from, Json &to, std::initializer_list<char const *> names) {
  for (auto const *name : names) {
    if (auto const at = from.find(name); at != from.end()) to[name] = *at;
  }
}

/// What two views of one state must share.
Json comparable(Json state) {
  for (auto &player : state.at("players")) player.erase("online");
  for (auto &zone : state.at("zones")) {
    if (!whole(zone)) zone.erase("back");
  }
  state.erase("chat");
  return state;
}

std::string describe(Json const &ours, Json const &theirs) {
  auto const patch = Json::diff(ours, theirs);
  if (patch.empty()) return "they differ";
  auto const path = patch.front().at("path").get<std::string>();
  Json::json_pointer const place(path);
  auto const at = [&](Json const &state) { return state.contains(place) ? state.at(place).dump() : "nothing"; };
  return path + " is " + at(ours).substr(0, 160) + " to the viewer and " + at(theirs).substr(0, 160) + " to the server";
}

}  // namespace

TableModel::TableModel(std::string player) : player_(std::move(player)) {}

void TableModel::load(Json state, Seq seq) {
  state_ = std::move(state);
  seq_ = seq;
  doubtful_ = false;
}

void TableModel::note_online(std::string const &player, bool online) {
  if (state_.is_null()) return;
  if (auto *known = find_by_id(state_.at("players"), player)) (*known)["online"] = online;
}

Json const &TableModel::zone(std::string_view id) const {
  auto const *zone = state_.is_null() ? nullptr : find_by_id(state_.at("zones"), id);
  if (zone == nullptr) throw Trouble("there is no zone " + std::string(id));
  return *zone;
}

Json &TableModel::zone_of(std::string_view id) {
  auto *zone = find_by_id(state_.at("zones"), id);
  if (zone == nullptr) throw Trouble("there is no zone " + std::string(id));
  return *zone;
}

Json const &TableModel::pieces(std::string_view id) const {
  auto const &found = zone(id);
  if (!whole(found)) throw Trouble("the zone " + std::string(id) + " is not seen whole");
  return found.at("pieces");
}

std::int64_t TableModel::counter(std::string_view id) const {
  auto const *counter = state_.is_null() ? nullptr : find_by_id(state_.at("counters"), id);
  if (counter == nullptr) throw Trouble("there is no counter " + std::string(id));
  return counter->at("value").get<std::int64_t>();
}

void TableModel::apply(Json const &event) {
  auto const &ev = event.at("ev").get_ref<std::string const &>();
  seq_ = event.at("seq").get<Seq>();
  if (ev == "skip") return;
  auto const &data = event.at("data");
  if (ev == "table.created") {
    load(data.at("state"), seq_);
  } else if (state_.is_null()) {
    throw Trouble(ev + " came before any state");
  } else if (ev == "player.joined") {
    join(data);
  } else if (ev == "seat.taken" || ev == "seat.assigned") {
    seat_player(data.at("seat"), data.at("player"));
  } else if (ev == "seat.left") {
    seat_player(data.at("seat"), nullptr);
  } else if (ev == "role.granted") {
    grant_role(data);
  } else if (ev == "table.configured") {
    configure(data);
  } else if (ev == "piece.created") {
    create_pieces(data);
  } else if (ev == "piece.moved") {
    move_pieces(data);
  } else if (ev == "piece.turned") {
    turn_pieces(data);
  } else if (ev == "piece.updated") {
    update_piece(data);
  } else if (ev == "piece.removed") {
    remove_pieces(data);
  } else if (ev == "zone.created") {
    state_.at("zones").push_back(data.at("zone"));
  } else if (ev == "zone.removed") {
    auto &zones = state_.at("zones");
    auto const &gone = zone_of(data.at("zone").get<std::string>());
    zones.erase(zones.begin() + (&gone - &zones.front()));
  } else if (ev == "zone.shuffled") {
    shuffle_zone(data);
  } else if (ev == "zone.peeked" || ev == "zone.revealed") {
    note_known(data);
  } else if (ev == "counter.changed" || ev == "counter.transferred") {
    change_counters(data);
  } else if (ev == "turn.changed") {
    state_["turn"] = data;
  } else if (ev == "chat.said" || ev == "chat.whispered") {
    auto &chat = state_.at("chat");
    chat.push_back(event);
    if (chat.size() > kChatLinesKept) chat.erase(chat.begin());
  } else if (ev != "dice.rolled") {
    throw Trouble("the event " + ev + " is not of this protocol");
  }
}

void TableModel::touch(Json &zone, Seq seq) const { zone["version"] = seq; }

void TableModel::add_count(Json &zone, std::int64_t delta) {
  auto const id = zone.at("id").get<std::string>();
  if (whole(zone)) throw Trouble("pieces of " + id + " are counted, though this viewer sees it whole");
  auto const count = zone.at("count").get<std::int64_t>() + delta;
  if (count < 0) throw Trouble("more pieces leave " + id + " than it holds");
  zone["count"] = count;
}

Json TableModel::take_out(Json &zone, std::string const &piece, std::size_t *index) {
  auto &pieces = zone.at("pieces");
  auto const at = std::ranges::find_if(pieces, [&](Json const &each) { return each.at("id") == piece; });
  if (at == pieces.end()) throw Trouble("no piece " + piece + " lies in " + zone.at("id").get<std::string>());
  if (index != nullptr) *index = static_cast<std::size_t>(at - pieces.begin());
  Json taken = std::move(*at);
  pieces.erase(at);
  renumber(zone);
  return taken;
}

void TableModel::put_in(Json &zone, Json piece, std::optional<std::size_t> index) {
  auto &pieces = zone.at("pieces");
  fit_to(zone, piece);
  auto const at = std::min(index.value_or(pieces.size()), pieces.size());
  pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(at), std::move(piece));
  renumber(zone);
}

void TableModel::move_pieces(Json const &data) {
  if (!data.contains("moves")) {
    move_counted(data.at("from"), data.at("to"), data.at("count").get<std::int64_t>());
    return;
  }
  for (auto const &move : data.at("moves")) {
    if (move.contains("count")) {
      move_counted(move.at("from"), move.at("to"), move.at("count").get<std::int64_t>());
    } else {
      move_named(move);
    }
  }
}

void TableModel::move_counted(std::string const &from, std::string const &to, std::int64_t count) {
  auto &source = zone_of(from);
  add_count(source, -count);
  touch(source, seq_);
  auto &target = zone_of(to);
  add_count(target, count);
  touch(target, seq_);
}

void TableModel::move_named(Json const &move) {
  auto const id = move.at("piece").get<std::string>();
  auto const from = move.at("from").get<std::string>();
  auto const to = move.at("to").get<std::string>();
  auto &source = zone_of(from);
  auto &target = zone_of(to);
  bool const saw = whole(source);
  bool const sees = whole(target);
  if (!saw && !sees) throw Trouble("a move names a piece between two zones that this viewer does not see");

  Json piece;
  std::size_t was_at = 0;
  if (saw) {
    piece = take_out(source, id, &was_at);
  } else {
    add_count(source, -1);
    copy_present(move, piece, {"kind", "back", "label", "locked"});
    if (piece.size() != 4) throw Trouble("a piece is seen for the first time without its appearance");
  }
  touch(source, seq_);
  touch(target, seq_);
  if (!sees) {
    add_count(target, 1);
    retire(id);
    return;
  }

  bool const changes_name = move.contains("new_id");
  bool const in_the_open = source.at("visibility") == "public" && target.at("visibility") == "public";
  if (saw && from != to && changes_name == in_the_open) {
    throw Trouble(in_the_open ? "a piece changes its id in the open"
                              : "a piece keeps its id though it was out of sight");
  }
  if (changes_name) retire(id);
  piece["id"] = changes_name ? move.at("new_id") : move.at("piece");
  copy_present(move, piece, {"x", "y", "side", "rotation"});
  piece.erase("face");
  copy_present(move, piece, {"face"});
  auto index = told_index(target, move);
  if (!index && from == to) index = was_at;  // On a board it keeps its turn in the order of drawing.
  put_in(target, std::move(piece), index);
}

void TableModel::create_pieces(Json const &data) {
  for (auto const &created : data.at("pieces")) {
    auto &zone = zone_of(created.at("zone").get<std::string>());
    if (!whole(zone)) throw Trouble("a piece is shown in a zone that this viewer does not see");
    auto const &piece = created.at("piece");
    put_in(zone, piece, told_index(zone, piece));
    touch(zone, seq_);
  }
  for (auto const &counted : data.at("counts")) {
    auto &zone = zone_of(counted.at("zone").get<std::string>());
    add_count(zone, counted.at("count").get<std::int64_t>());
    touch(zone, seq_);
  }
}

void TableModel::turn_pieces(Json const &data) {
  for (auto const &turned : data.at("pieces")) {
    auto &zone = zone_of(turned.at("zone").get<std::string>());
    if (!whole(zone)) throw Trouble("a piece is turned in a zone that this viewer does not see");
    auto *piece = find_by_id(zone.at("pieces"), turned.at("piece").get<std::string>());
    if (piece == nullptr) throw Trouble("a piece is turned that this viewer does not know");
    piece->erase("face");
    copy_present(turned, *piece, {"side", "face"});
    touch(zone, seq_);
  }
  for (auto const &counted : data.at("counts")) touch(zone_of(counted.at("zone").get<std::string>()), seq_);
}

void TableModel::update_piece(Json const &data) {
  auto &zone = zone_of(data.at("zone").get<std::string>());
  touch(zone, seq_);
  if (!data.contains("piece")) return;
  if (!whole(zone)) throw Trouble("a piece is changed in a zone that this viewer does not see");
  auto *piece = find_by_id(zone.at("pieces"), data.at("piece").get<std::string>());
  if (piece == nullptr) throw Trouble("a piece is changed that this viewer does not know");
  copy_present(data.at("set"), *piece, {"face", "label", "locked"});
}

void TableModel::remove_pieces(Json const &data) {
  for (auto const &removed : data.at("pieces")) {
    auto const id = removed.at("piece").get<std::string>();
    auto &zone = zone_of(removed.at("zone").get<std::string>());
    if (!whole(zone)) throw Trouble("a piece is removed by name from a zone that this viewer does not see");
    take_out(zone, id);
    touch(zone, seq_);
    retire(id);
  }
  for (auto const &counted : data.at("counts")) {
    auto &zone = zone_of(counted.at("zone").get<std::string>());
    add_count(zone, -counted.at("count").get<std::int64_t>());
    touch(zone, seq_);
  }
}

void TableModel::shuffle_zone(Json const &data) {
  auto const id = data.at("zone").get<std::string>();
  auto &zone = zone_of(id);
  touch(zone, seq_);
  if (zone.at("count") != data.at("count")) throw Trouble("a shuffle changes how many pieces " + id + " holds");
  if (auto const peeked = peeked_.find(id); peeked != peeked_.end()) {
    for (auto &piece : peeked->second) retire(std::move(piece));
    peeked_.erase(peeked);
  }
  if (whole(zone) != data.contains("pieces")) throw Trouble("a shuffle of " + id + " is told to the wrong viewer");
  if (!whole(zone)) return;
  for (auto const &piece : zone.at("pieces")) retire(piece.at("id"));
  zone["pieces"] = data.at("pieces");
  if (zone.at("pieces").size() != zone.at("count")) throw Trouble("a shuffle loses pieces of " + id);
}

void TableModel::note_known(Json const &data) {
  auto const id = data.at("zone").get<std::string>();
  if (!data.contains("known") || whole(zone(id))) return;
  auto &peeked = peeked_[id];
  for (auto const &known : data.at("known")) peeked.push_back(known.at("id"));
}

void TableModel::join(Json const &data) {
  auto &players = state_.at("players");
  auto const id = data.at("player").get<std::string>();
  if (find_by_id(players, id) != nullptr) throw Trouble("a player joins twice");
  players.push_back({{"id", id}, {"name", data.at("name")}, {"role", data.at("role")}, {"online", false}});
}

void TableModel::seat_player(std::string const &id, Json const &player) {
  auto *seat = find_by_id(state_.at("seats"), id);
  if (seat == nullptr) throw Trouble("there is no seat " + id);
  bool const had = seat->at("player") == player_;
  bool const has = player == player_;
  (*seat)["player"] = player;
  if (had == has) return;
  for (auto &zone : state_.at("zones")) {
    if (zone.at("visibility") != "owner" || zone.at("seat") != id) continue;
    if (has) {
      // An empty hand is whole as it stands; of any other, the server tells the pieces in a resync.
      if (zone.at("count") != 0) doubt();
      zone["pieces"] = Json::array();
    } else {
      for (auto const &piece : zone.at("pieces")) retire(piece.at("id"));
      zone.erase("pieces");
    }
  }
}

void TableModel::grant_role(Json const &data) {
  auto *player = find_by_id(state_.at("players"), data.at("player").get<std::string>());
  if (player == nullptr) throw Trouble("a role is granted to nobody");
  (*player)["role"] = data.at("role");
  for (auto const &seat : data.at("vacated")) seat_player(seat, nullptr);
}

void TableModel::configure(Json const &data) {
  copy_present(data, state_.at("table"), {"name", "grid", "turn_enforced"});
}

void TableModel::change_counters(Json const &data) {
  auto &counters = state_.at("counters");
  for (auto const &changed : data.at("counters")) {
    auto *counter = find_by_id(counters, changed.at("id").get<std::string>());
    if (counter == nullptr) {
      counters.push_back(changed);
    } else {
      counter->update(changed);
    }
  }
}

std::optional<std::string> TableModel::difference(Json const &shown) const {
  auto const ours = comparable(state_);
  auto const theirs = comparable(shown);
  if (ours != theirs) return describe(ours, theirs);
  // The server keeps the newest lines of all; those it shows are the newest of what we heard.
  auto const &heard = state_.at("chat");
  auto const &kept = shown.at("chat");
  bool const newest = kept.size() <= heard.size() &&
                      std::equal(kept.begin(), kept.end(), heard.end() - static_cast<std::ptrdiff_t>(kept.size()));
  if (!newest) return "the chat is another to the server than to the viewer";
  return std::nullopt;
}

std::optional<std::string> TableModel::contradiction() const {
  std::set<std::string> seen;
  for (auto const &zone : state_.at("zones")) {
    if (!whole(zone)) continue;
    auto const id = zone.at("id").get<std::string>();
    if (zone.at("count") != zone.at("pieces").size()) return id + " does not hold as many pieces as it counts";
    std::size_t index = 0;
    for (auto const &piece : zone.at("pieces")) {
      if (!seen.insert(piece.at("id").get<std::string>()).second) return "a piece lies in two places";
      if (piece.contains("index") != ordered(zone)) return "a piece of " + id + " has the wrong kind of place";
      if (ordered(zone) && piece.at("index") != index++) return "the pieces of " + id + " are out of order";
      bool const face_up = piece.at("side") == "front" || zone.at("visibility") == "owner";
      if (piece.contains("face") != face_up) return "a piece of " + id + " shows what it should not, or hides its face";
    }
  }
  for (auto const &counter : state_.at("counters")) {
    if (counter.at("value") < counter.at("min")) return counter.at("id").get<std::string>() + " is below its minimum";
  }
  return std::nullopt;
}

}  // namespace tableforge::load
