#include "tableforge/protocol/encode.hpp"

#include "tableforge/base/json_fields.hpp"

namespace tableforge::protocol {

namespace view = table::view;

namespace {

/// What the wire writes differently from a plain list of fields.
struct WireForm {
  template <class T>
  void operator()(JsonWriter &writer, table::OrNull<T> const &value) const {
    if (value.value) {
      write_json(writer, *value.value, *this);
    } else {
      writer.null();
    }
  }
  void operator()(JsonWriter &writer, view::Skip const &) const {
    writer.begin_object();
    writer.end_object();
  }
  void operator()(JsonWriter &writer, view::TableCreated const &created) const {
    writer.begin_object();
    write_field(writer, "state", created.state.front(), *this);
    writer.end_object();
  }
  void operator()(JsonWriter &writer, view::State const &state) const {
    writer.begin_object();
    write_field(writer, "table", state.table, *this);
    write_field(writer, "players", state.players, *this);
    write_field(writer, "seats", state.seats, *this);
    write_field(writer, "zones", state.zones, *this);
    write_field(writer, "counters", state.counters, *this);
    write_field(writer, "turn", state.turn, *this);
    write_field(writer, "chat", state.chat, *this);
    writer.end_object();
  }
  void operator()(JsonWriter &writer, view::Event const &event) const {
    writer.begin_object();
    write_field(writer, "ev", event.ev, *this);
    write_field(writer, "seq", event.seq, *this);
    if (!std::holds_alternative<view::Skip>(event.shape)) {
      write_field(writer, "at", event.at, *this);
      writer.key("by");
      if (event.by) {
        write_json(writer, *event.by, *this);
      } else {
        writer.null();
      }
      if (!event.client.empty()) {
        write_field(writer, "id", event.action, *this);
        write_field(writer, "client", event.client, *this);
      }
      writer.key("data");
      std::visit([&](auto const &shape) { write_json(writer, shape, *this); }, event.shape);
    }
    writer.end_object();
  }
};

constexpr WireForm kWire;

void begin(JsonWriter &writer, std::string_view ev) {
  writer.begin_object();
  write_field(writer, "ev", ev, kWire);
}

}  // namespace

void append_event(std::string &out, view::Event const &event) {
  JsonWriter writer(out);
  kWire(writer, event);
}

void append_welcome(std::string &out, TableId table, You const &you, Seq head, view::State const *state) {
  JsonWriter writer(out);
  begin(writer, "welcome");
  write_field(writer, "table", table, kWire);
  writer.key("you");
  writer.begin_object();
  write_field(writer, "player", you.player, kWire);
  write_field(writer, "seats", you.seats, kWire);
  write_field(writer, "role", you.role, kWire);
  writer.end_object();
  write_field(writer, "mode", std::string_view(state == nullptr ? "replay" : "snapshot"), kWire);
  write_field(writer, "seq", head, kWire);
  if (state != nullptr) write_field(writer, "state", *state, kWire);
  writer.end_object();
}

void append_resync(std::string &out, Seq seq, view::State const &state) {
  JsonWriter writer(out);
  begin(writer, "resync");
  write_field(writer, "seq", seq, kWire);
  write_field(writer, "state", state, kWire);
  writer.end_object();
}

void append_state(std::string &out, Seq seq, view::State const &state) {
  JsonWriter writer(out);
  writer.begin_object();
  write_field(writer, "seq", seq, kWire);
  write_field(writer, "state", state, kWire);
  writer.end_object();
}

void append_history(std::string &out, std::span<view::Event const> events, std::optional<Seq> next) {
  JsonWriter writer(out);
  writer.begin_object();
  write_field(writer, "events", events, kWire);
  writer.key("next");
  if (next) {
    writer.number(*next);
  } else {
    writer.null();
  }
  writer.end_object();
}

void append_presence(std::string &out, PlayerId by, Presence const &presence) {
  JsonWriter writer(out);
  begin(writer, "presence");
  write_field(writer, "by", by, kWire);
  write_field(writer, "data", presence, kWire);
  writer.end_object();
}

void append_online(std::string &out, PlayerId by, bool online) {
  JsonWriter writer(out);
  begin(writer, "presence");
  write_field(writer, "by", by, kWire);
  writer.key("data");
  writer.begin_object();
  write_field(writer, "online", online, kWire);
  writer.end_object();
  writer.end_object();
}

void append_error(std::string &out, ActionId const &id, ErrorCode code, std::string_view message,
                  ErrorDetails const &details) {
  JsonWriter writer(out);
  begin(writer, "error");
  if (!id.value.empty()) write_field(writer, "id", id, kWire);
  writer.key("error");
  writer.begin_object();
  write_field(writer, "code", code, kWire);
  write_field(writer, "message", message, kWire);
  write_field(writer, "retryable", retryable(code), kWire);
  if (!details.path.empty() || details.limit || details.retry_after_ms) {
    writer.key("details");
    writer.begin_object();
    if (!details.path.empty()) write_field(writer, "path", details.path, kWire);
    write_field(writer, "limit", details.limit, kWire);
    write_field(writer, "retry_after_ms", details.retry_after_ms, kWire);
    writer.end_object();
  }
  writer.end_object();
  writer.end_object();
}

void append_goodbye(std::string &out, CloseReason reason, std::optional<std::int64_t> retry_after_ms) {
  JsonWriter writer(out);
  begin(writer, "goodbye");
  write_field(writer, "reason", reason, kWire);
  write_field(writer, "retry_after_ms", retry_after_ms, kWire);
  writer.end_object();
}

}  // namespace tableforge::protocol
