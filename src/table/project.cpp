#include "tableforge/table/project.hpp"

#include <algorithm>

namespace tableforge::table {

namespace {

template <class Tag>
std::string_view text_of(Id<Tag, std::string> const &id) {
  return id.value;
}

template <class Tag>
OrNull<std::string_view> text_of(std::optional<Id<Tag, std::string>> const &id) {
  return {id ? std::optional<std::string_view>(id->value) : std::nullopt};
}

view::Piece piece_view(PieceId id, Piece const &piece, bool face_known, std::optional<std::int64_t> index) {
  view::Piece shown{.id = id,
                    .kind = piece.kind,
                    .index = {},
                    .x = {},
                    .y = {},
                    .rotation = piece.rotation,
                    .side = piece.side,
                    .face = {},
                    .back = piece.back,
                    .locked = piece.locked,
                    .label = piece.label};
  shown.index = index;
  if (!index) {
    shown.x = piece.x;
    shown.y = piece.y;
  }
  if (face_known) shown.face = piece.face;
  return shown;
}

view::Zone zone_view(State const &state, Zone const &zone, Viewer viewer) {
  view::Zone shown{.id = text_of(zone.id),
                   .kind = zone.kind,
                   .visibility = zone.visibility,
                   .seat = text_of(zone.seat),
                   .version = zone.version,
                   .count = zone.order.size(),
                   .back = {},
                   .pieces = {}};
  if (!sees_whole(state, zone, viewer)) {
    shown.back = common_back(state, zone);
    return shown;
  }
  auto &pieces = shown.pieces.emplace();
  pieces.reserve(zone.order.size());
  for (std::int64_t index = 0; auto const id : zone.order) {
    auto const &piece = *state.find_piece(id);
    pieces.push_back(
        piece_view(id, piece, shows_face(zone, piece), zone.ordered() ? std::optional(index) : std::nullopt));
    ++index;
  }
  return shown;
}

view::Turn turn_view(Turn const &turn) {
  return {.order = turn.order,
          .active = text_of(turn.active),
          .round = turn.round,
          .phase = {turn.phase ? std::optional<std::string_view>(*turn.phase) : std::nullopt}};
}

view::Counter counter_view(Counter const &counter) {
  return {.id = text_of(counter.id), .seat = text_of(counter.seat), .value = counter.value, .min = counter.min};
}

bool names(std::vector<PlayerId> const &players, Viewer viewer) {
  return viewer && std::ranges::find(players, *viewer) != players.end();
}

void count_in(std::vector<view::ZoneCount> &counts, ZoneId const &zone) {
  auto const at = std::ranges::find_if(counts, [&](auto const &each) { return each.zone == zone.value; });
  if (at != counts.end()) {
    ++at->count;
  } else {
    counts.push_back({.zone = zone.value, .count = 1});
  }
}

/// The backs told to who sees the zones as counts.
std::optional<std::vector<view::ZoneBack>> backs_view(std::optional<std::vector<ZoneBack>> const &backs,
                                                      Viewer viewer) {
  if (!backs) return std::nullopt;
  std::vector<view::ZoneBack> shown;
  for (auto const &each : *backs) {
    if (each.sight.sees(viewer)) continue;
    shown.push_back(
        {.zone = text_of(each.zone), .back = {each.back ? std::optional<std::string_view>(*each.back) : std::nullopt}});
  }
  return shown.empty() ? std::nullopt : std::optional(std::move(shown));
}

view::Move named_move(Move const &move, Viewer viewer) {
  view::Move shown{};
  bool const saw = move.before.sees(viewer);
  bool const sees = move.after.sees(viewer);
  if (saw) shown.piece = move.piece;
  shown.from = text_of(move.from);
  shown.to = text_of(move.to);
  if (!sees) return shown;
  // Who did not see it before has no use for its old name, and may not have it: it could be linked to a peek.
  if (!saw) {
    shown.piece = move.new_id.value_or(move.piece);
  } else {
    shown.new_id = move.new_id;
  }
  shown.index = move.index;
  shown.x = move.x;
  shown.y = move.y;
  shown.side = move.side;
  shown.rotation = move.rotation;
  if (move.face) shown.face = *move.face;
  if (!saw && move.appearance) {
    shown.kind = move.appearance->kind;
    shown.back = move.appearance->back;
    shown.label = move.appearance->label;
    shown.locked = move.appearance->locked;
  }
  return shown;
}

/// The form of each change that one viewer gets.
struct Projector {
  Event const &event;
  Viewer viewer;

  view::Shape operator()(TableCreated const &created) const {
    return view::TableCreated{.state = {project(*created.state, std::nullopt, [](PlayerId) { return false; })}};
  }
  view::Shape operator()(PlayerJoined const &joined) const {
    return view::PlayerJoined{.name = joined.player.name, .player = joined.player.id, .role = joined.player.role};
  }
  view::Shape operator()(SeatTaken const &taken) const {
    return view::SeatChanged{.seat = text_of(taken.seat), .player = {taken.player}};
  }
  view::Shape operator()(SeatLeft const &left) const {
    return view::SeatChanged{.seat = text_of(left.seat), .player = {left.player}};
  }
  view::Shape operator()(SeatAssigned const &assigned) const {
    return view::SeatChanged{.seat = text_of(assigned.seat), .player = {assigned.player}};
  }
  view::Shape operator()(RoleGranted const &granted) const {
    return view::RoleGranted{.player = granted.player, .role = granted.role, .vacated = granted.vacated};
  }
  view::Shape operator()(TableConfigured const &configured) const {
    return view::TableConfigured{
        .name = configured.name ? std::optional<std::string_view>(*configured.name) : std::nullopt,
        .grid = configured.grid,
        .turn_enforced = configured.turn_enforced};
  }

  view::Shape operator()(PieceCreated const &created) const {
    view::PieceCreated shown;
    shown.backs = backs_view(created.backs, viewer);
    for (auto const &each : created.pieces) {
      if (!each.sight.sees(viewer)) {
        count_in(shown.counts, each.piece.zone);
        continue;
      }
      bool const face_known = !each.sight.all || each.piece.side == Side::front;
      shown.pieces.push_back(
          {.zone = text_of(each.piece.zone), .piece = piece_view(each.id, each.piece, face_known, each.index)});
    }
    return shown;
  }

  view::Shape operator()(PieceMoved const &moved) const {
    view::PieceMoved shown;
    shown.backs = backs_view(moved.backs, viewer);
    auto &moves = shown.moves.emplace();
    bool any_named = false;
    for (auto const &move : moved.moves) {
      if (move.before.sees(viewer) || move.after.sees(viewer)) {
        moves.push_back(named_move(move, viewer));
        any_named = true;
        continue;
      }
      bool const goes_on = !moves.empty() && moves.back().count && moves.back().from == move.from.value &&
                           moves.back().to == move.to.value;
      if (goes_on) {
        ++*moves.back().count;
      } else {
        view::Move unnamed{};
        unnamed.from = text_of(move.from);
        unnamed.to = text_of(move.to);
        unnamed.count = 1;
        moves.push_back(unnamed);
      }
    }
    if (!any_named && moves.size() == 1) {
      shown.from = moves.front().from;
      shown.to = moves.front().to;
      shown.count = moves.front().count;
      shown.moves.reset();
    }
    return shown;
  }

  view::Shape operator()(PieceTurned const &turned) const {
    view::PieceTurned shown;
    for (auto const &group : turned.groups) {
      for (auto const &each : group.pieces) {
        if (!group.sight.sees(viewer)) {
          count_in(shown.counts, group.zone);
          continue;
        }
        view::TurnedPiece piece{.piece = each.piece, .zone = text_of(group.zone), .side = each.side, .face = {}};
        if (group.private_zone || each.side == Side::front) piece.face = each.face;
        shown.pieces.push_back(piece);
      }
    }
    return shown;
  }

  view::Shape operator()(PieceUpdated const &updated) const {
    view::PieceUpdated shown{.zone = text_of(updated.zone), .piece = {}, .set = {}};
    if (!updated.sight.sees(viewer)) return shown;
    shown.piece = updated.piece;
    auto &set = shown.set.emplace();
    if (updated.face && updated.face_shown) set.face = *updated.face;
    if (updated.label) set.label = *updated.label;
    set.locked = updated.locked;
    return shown;
  }

  view::Shape operator()(PieceRemoved const &removed) const {
    view::PieceRemoved shown;
    shown.backs = backs_view(removed.backs, viewer);
    for (auto const &each : removed.pieces) {
      if (each.sight.sees(viewer)) {
        shown.pieces.push_back({.piece = each.piece, .zone = text_of(each.zone)});
      } else {
        count_in(shown.counts, each.zone);
      }
    }
    return shown;
  }

  view::Shape operator()(ZoneCreated const &created) const {
    auto const &zone = created.zone;
    view::Zone shown{.id = text_of(zone.id),
                     .kind = zone.kind,
                     .visibility = zone.visibility,
                     .seat = text_of(zone.seat),
                     .version = event.seq,
                     .count = 0,
                     .back = {},
                     .pieces = {}};
    return view::ZoneCreated{.zone = shown};
  }

  view::Shape operator()(ZoneRemoved const &removed) const { return view::ZoneRemoved{.zone = text_of(removed.zone)}; }

  view::Shape operator()(ZoneShuffled const &shuffled) const {
    view::ZoneShuffled shown{
        .zone = text_of(shuffled.zone), .count = static_cast<std::int64_t>(shuffled.ids.size()), .pieces = {}};
    if (shuffled.sight.sees(viewer) && shuffled.shown.size() == shuffled.ids.size()) {
      auto &pieces = shown.pieces.emplace();
      for (std::size_t i = 0; i < shuffled.ids.size(); ++i) {
        auto const &piece = shuffled.shown[i];
        bool const face_known = !shuffled.sight.all || piece.side == Side::front;
        pieces.push_back(piece_view(shuffled.ids[i], piece, face_known, static_cast<std::int64_t>(i)));
      }
    }
    return shown;
  }

  view::Shape operator()(ZonePeeked const &peeked) const {
    view::ZoneShown shown{
        .zone = text_of(peeked.zone), .count = static_cast<std::int64_t>(peeked.known.size()), .known = {}};
    if (viewer == peeked.by) shown.known = peeked.known;
    return shown;
  }

  view::Shape operator()(ZoneRevealed const &revealed) const {
    view::ZoneShown shown{
        .zone = text_of(revealed.zone), .count = static_cast<std::int64_t>(revealed.known.size()), .known = {}};
    if (revealed.to.all || viewer == revealed.by || names(revealed.to.players, viewer)) shown.known = revealed.known;
    return shown;
  }

  view::Shape operator()(CounterChanged const &change) const {
    return view::CounterChanged{.counters = {counter_view(change.counter)}};
  }

  view::Shape operator()(CounterTransferred const &transferred) const {
    return view::CounterTransferred{.from = text_of(transferred.from),
                                    .to = text_of(transferred.to),
                                    .amount = transferred.amount,
                                    .counters = {{.id = text_of(transferred.from), .value = transferred.from_value},
                                                 {.id = text_of(transferred.to), .value = transferred.to_value}}};
  }

  view::Shape operator()(TurnChanged const &turned) const { return turn_view(turned.turn); }

  view::Shape operator()(DiceRolled const &rolled) const {
    view::DiceRolled shown{.to = rolled.to, .notation = {}, .dice = {}, .total = {}, .reason = {}};
    if (rolled.to != RollAudience::all && !names(rolled.readers, viewer)) return shown;
    shown.notation = rolled.notation;
    shown.dice = rolled.dice;
    shown.total = rolled.total;
    if (rolled.reason) shown.reason = *rolled.reason;
    return shown;
  }

  view::Shape operator()(ChatSaid const &said) const { return view::ChatSaid{.text = said.text}; }

  view::Shape operator()(ChatWhispered const &whispered) const {
    if (!names(whispered.to, viewer)) return view::Skip{};
    return view::ChatWhispered{.to = whispered.to, .text = whispered.text};
  }
};

/// Everybody whose own form of a change may differ from the common one; may name somebody twice.
struct Names {
  std::vector<PlayerId> &players;

  void operator()(Sight const &sight) const {
    if (sight.player) players.push_back(*sight.player);
  }
  void operator()(PieceCreated const &created) const {
    for (auto const &each : created.pieces) (*this)(each.sight);
  }
  void operator()(PieceMoved const &moved) const {
    for (auto const &move : moved.moves) {
      (*this)(move.before);
      (*this)(move.after);
    }
  }
  void operator()(PieceTurned const &turned) const {
    for (auto const &group : turned.groups) (*this)(group.sight);
  }
  void operator()(PieceUpdated const &updated) const { (*this)(updated.sight); }
  void operator()(PieceRemoved const &removed) const {
    for (auto const &each : removed.pieces) (*this)(each.sight);
  }
  void operator()(ZoneShuffled const &shuffled) const { (*this)(shuffled.sight); }
  void operator()(ZonePeeked const &peeked) const { players.push_back(peeked.by); }
  void operator()(ZoneRevealed const &revealed) const {
    players.push_back(revealed.by);
    players.insert(players.end(), revealed.to.players.begin(), revealed.to.players.end());
  }
  void operator()(DiceRolled const &rolled) const {
    players.insert(players.end(), rolled.readers.begin(), rolled.readers.end());
  }
  void operator()(ChatWhispered const &whispered) const {
    players.insert(players.end(), whispered.to.begin(), whispered.to.end());
  }
  template <class Public>
  void operator()(Public const &) const {}
};

template <std::size_t... I>
constexpr auto words_of(std::index_sequence<I...>) {
  return std::array<std::string_view, sizeof...(I)>{std::variant_alternative_t<I, Change>::ev...};
}

constexpr auto kEvWords = words_of(std::make_index_sequence<std::variant_size_v<Change>>{});

}  // namespace

std::string_view ev_word(Change const &change) { return kEvWords[change.index()]; }

Sight sight_of(State const &state, Zone const &zone) {
  switch (zone.visibility) {
    case Visibility::everybody: return {.all = true, .player = {}};
    case Visibility::owner: {
      auto const *seat = zone.seat ? state.find_seat(*zone.seat) : nullptr;
      return {.all = false, .player = seat == nullptr ? std::nullopt : seat->player};
    }
    case Visibility::hidden: break;
  }
  return {};
}

std::optional<std::string_view> common_back(State const &state, Zone const &zone) {
  if (zone.order.empty()) return std::nullopt;
  std::string_view const back = state.find_piece(zone.order.front())->back;
  bool const common = std::ranges::all_of(zone.order, [&](PieceId id) { return state.find_piece(id)->back == back; });
  return common ? std::optional(back) : std::nullopt;
}

bool sees_whole(State const &state, Zone const &zone, Viewer viewer) { return sight_of(state, zone).sees(viewer); }

bool shows_face(Zone const &zone, Piece const &piece) {
  return zone.visibility == Visibility::owner ||
         (zone.visibility == Visibility::everybody && piece.side == Side::front);
}

view::State project(State const &state, Viewer viewer, std::function<bool(PlayerId)> const &online) {
  view::State shown{.table = {.id = state.id,
                              .name = state.name,
                              .system = {.id = text_of(state.system.id), .version = state.system.version},
                              .grid = state.grid,
                              .turn_enforced = state.turn_enforced,
                              .created_at = state.created_at},
                    .players = {},
                    .seats = {},
                    .zones = {},
                    .counters = {},
                    .turn = turn_view(state.turn),
                    .chat = {}};
  for (auto const &player : state.players) {
    shown.players.push_back({.id = player.id, .name = player.name, .role = player.role, .online = online(player.id)});
  }
  for (auto const &seat : state.seats) {
    shown.seats.push_back({.id = text_of(seat.id), .name = seat.name, .player = {seat.player}});
  }
  for (auto const &zone : state.zones) shown.zones.push_back(zone_view(state, zone, viewer));
  for (auto const &counter : state.counters) shown.counters.push_back(counter_view(counter));
  for (auto const &line : state.chat) {
    if (line.to && !names(*line.to, viewer)) continue;
    view::Event event{.ev = line.to ? ChatWhispered::ev : ChatSaid::ev,
                      .seq = line.seq,
                      .at = line.at,
                      .by = line.by,
                      .action = line.action.value,
                      .client = line.client.value,
                      .shape = view::ChatSaid{.text = line.text}};
    if (line.to) event.shape = view::ChatWhispered{.to = *line.to, .text = line.text};
    shown.chat.push_back(std::move(event));
  }
  return shown;
}

view::Event project(Event const &event, Viewer viewer) {
  view::Event shown{.ev = ev_word(event.change),
                    .seq = event.seq,
                    .at = event.at,
                    .by = event.by,
                    .action = event.action.value,
                    .client = event.client.value,
                    .shape = std::visit(Projector{event, viewer}, event.change)};
  if (std::holds_alternative<view::Skip>(shown.shape)) shown.ev = "skip";
  return shown;
}

std::vector<PlayerId> named_players(Event const &event) {
  std::vector<PlayerId> players;
  std::visit(Names{players}, event.change);
  std::ranges::sort(players);
  auto const repeated = std::ranges::unique(players);
  players.erase(repeated.begin(), repeated.end());
  return players;
}

}  // namespace tableforge::table
