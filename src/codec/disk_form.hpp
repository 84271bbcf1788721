#pragma once

#include "tableforge/base/json_fields.hpp"
#include "tableforge/table/change.hpp"
#include "tableforge/table/state.hpp"

namespace tableforge::codec {

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
  /// Pieces are written zone by zone in their order, so that equal states have equal documents.
  void operator()(JsonWriter &writer, table::State const &state) const;
  void operator()(JsonWriter &writer, table::TableCreated const &created) const {
    writer.begin_object();
    write_field(writer, "state", *created.state, *this);
    writer.end_object();
  }
};

}  // namespace tableforge::codec
