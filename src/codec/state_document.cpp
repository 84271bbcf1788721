#include "tableforge/codec/state_document.hpp"

#include <unordered_set>

#include "codec/disk_form.hpp"
#include "codec/disk_reader.hpp"

namespace tableforge::codec {

namespace {

constexpr int kStateVersion = 1;

/// Everything of a state but its pieces.
template <class Visit>
void each_part(table::State const &state, Visit &&visit) {
  visit("id", state.id);
  visit("name", state.name);
  visit("system", state.system);
  visit("listing", state.listing);
  visit("grid", state.grid);
  visit("turn_enforced", state.turn_enforced);
  visit("created_at", state.created_at);
  visit("players", state.players);
  visit("seats", state.seats);
  visit("zones", state.zones);
  visit("counters", state.counters);
  visit("turn", state.turn);
  visit("chat", state.chat);
  visit("memory", state.memory);
  visit("seq", state.seq);
  visit("at", state.at);
}

}  // namespace

void DiskForm::operator()(JsonWriter &writer, table::State const &state) const {
  writer.begin_object();
  writer.key("v");
  writer.number(kStateVersion);
  each_part(state, [&](std::string_view name, auto const &part) { write_field(writer, name, part, *this); });
  writer.key("pieces");
  writer.begin_array();
  for (auto const &zone : state.zones) {
    for (auto const id : zone.order) {
      writer.begin_object();
      write_field(writer, "id", id, *this);
      write_fields(writer, *state.find_piece(id), *this);
      writer.end_object();
    }
  }
  writer.end_array();
  writer.end_object();
}

void read(Json const &json, table::State &state) {
  if (!json.is_object()) throw Malformed("expected an object");
  std::int64_t version = 0;
  read(json.at("v"), version);
  if (version != kStateVersion) throw Malformed("unknown version of a state");
  each_part(state, [&](std::string_view name, auto const &part) {
    auto const found = json.find(name);
    if (found == json.end()) throw Malformed(std::string(name) + " is missing");
    // The list of parts is one for writing and reading; here the state is ours to fill.
    read(*found, const_cast<std::remove_cvref_t<decltype(part)> &>(part));
  });
  state.pieces.clear();
  for (auto const &entry : json.at("pieces")) {
    PieceId id;
    table::Piece piece;
    read(entry.at("id"), id);
    read(entry, piece);
    if (state.pieces.size() == table::kPiecesMax) throw Malformed("too many pieces");
    if (!state.pieces.insert(id, std::move(piece))) throw Malformed("two pieces of one id");
  }
}

std::string encode_state(table::State const &state) {
  std::string out;
  JsonWriter writer(out);
  DiskForm{}(writer, state);
  return out;
}

Result<table::State> decode_state(std::string_view bytes) {
  try {
    table::State state;
    read(Json::parse(bytes), state);
    std::unordered_set<PieceId> placed;
    for (auto const &zone : state.zones) {
      for (auto const id : zone.order) {
        auto const *piece = state.find_piece(id);
        if (piece == nullptr || piece->zone != zone.id) return fail(Errc::corrupt, "a zone names a piece it has not");
        if (!placed.insert(id).second) return fail(Errc::corrupt, "a piece lies in two places");
      }
    }
    if (placed.size() != state.pieces.size()) return fail(Errc::corrupt, "a piece lies in no zone");
    return state;
  } catch (Malformed const &) {
    return fail(Errc::corrupt, "a stored state cannot be understood");
  } catch (Json::exception const &) {
    return fail(Errc::corrupt, "a stored state is not JSON");
  }
}

}  // namespace tableforge::codec
