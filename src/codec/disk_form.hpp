#pragma once

#include <concepts>

#include "tableforge/base/fields.hpp"
#include "tableforge/base/json_fields.hpp"
#include "tableforge/table/change.hpp"
#include "tableforge/table/state.hpp"

namespace tableforge::codec {

/// A move within a zone of a piece that lies face up, unturned, where everybody sees it: a field that is not written
/// is as it is here, and `from` is where it went to.
inline table::Move const &usual_move() {
  static table::Move const usual = [] {
    table::Move move;
    move.before.all = move.after.all = true;
    return move;
  }();
  return usual;
}

template <class Member>
constexpr bool may_be_left_out(Field<table::Move, Member> const &each) {
  if constexpr (std::same_as<Member, ZoneId>) return each.member == &table::Move::from;
  return std::same_as<Member, double> || std::same_as<Member, bool> || std::same_as<Member, table::Side> ||
         std::same_as<Member, table::Sight>;
}

template <class Member>
bool is_usual(table::Move const &move, Field<table::Move, Member> const &each) {
  if constexpr (std::same_as<Member, ZoneId>) {
    return may_be_left_out(each) && move.from == move.to;
  } else if constexpr (may_be_left_out(Field<table::Move, Member>{})) {
    return move.*each.member == usual_move().*each.member;
  } else {
    return false;
  }
}

/// What the disk form writes differently from a plain list of fields.
struct DiskForm {
  void operator()(JsonWriter &writer, table::Sight const &sight) const {
    if (sight.all) {
      writer.string("all");
    } else if (sight.player) {
      write_json(writer, *sight.player, *this);
    } else {
      writer.null();
    }
  }
  void operator()(JsonWriter &writer, table::Audience const &audience) const {
    if (audience.all) return writer.string("all");
    write_json(writer, audience.players, *this);
  }
  /// What most moves have in common is left out (is_usual()): rows of moves are most of what is ever stored.
  void operator()(JsonWriter &writer, table::Move const &move) const {
    writer.begin_object();
    for_each_field<table::Move>([&](auto const &each) {
      if (!is_usual(move, each)) write_field(writer, each.name, move.*each.member, *this);
    });
    writer.end_object();
  }
  /// Pieces are written zone by zone in their order, so that equal states have equal documents.
  void operator()(JsonWriter &writer, table::State const &state) const;
  void operator()(JsonWriter &writer, table::TableCreated const &created) const {
    writer.begin_object();
    write_field(writer, "state", *created.state, *this);
    writer.end_object();
  }
};

}  // namespace tableforge::codec
