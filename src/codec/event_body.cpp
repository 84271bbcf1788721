#include "tableforge/codec/event_body.hpp"

#include "codec/disk_form.hpp"
#include "codec/disk_reader.hpp"

namespace tableforge::codec {

namespace {

template <std::size_t I = 0>
void read_change(std::string_view ev, Json const &data, table::Change &change) {
  if constexpr (I < std::variant_size_v<table::Change>) {
    if (std::variant_alternative_t<I, table::Change>::ev == ev) {
      read(data, change.emplace<I>());
    } else {
      read_change<I + 1>(ev, data, change);
    }
  } else {
    throw Malformed("unknown event " + std::string(ev));
  }
}

void write_event(JsonWriter &writer, table::Event const &event) {
  DiskForm const form;
  writer.begin_object();
  write_field(writer, "ev", table::ev_word(event.change), form);
  write_field(writer, "at", event.at, form);
  write_field(writer, "by", event.by, form);
  if (!event.client.value.empty()) {
    write_field(writer, "client", event.client, form);
    write_field(writer, "id", event.action, form);
    write_field(writer, "print", event.fingerprint, form);
  }
  writer.key("data");
  std::visit([&](auto const &change) { write_json(writer, change, form); }, event.change);
  writer.end_object();
}

table::Event read_event(Json const &json, Seq seq) {
  table::Event event;
  event.seq = seq;
  read(json.at("at"), event.at);
  if (json.contains("by")) read(json["by"], event.by);
  if (json.contains("client")) {
    read(json["client"], event.client);
    read(json.at("id"), event.action);
    read(json.at("print"), event.fingerprint);
  }
  read_change(json.at("ev").get_ref<std::string const &>(), json.at("data"), event.change);
  return event;
}

}  // namespace

std::string encode_events(std::span<table::Event const> events) {
  std::string out;
  constexpr std::size_t kUsualBytes = 512;  // One move with its head, or a few transfers; more grow by doubling.
  out.reserve(kUsualBytes * events.size());
  JsonWriter writer(out);
  writer.begin_array();
  for (auto const &event : events) write_event(writer, event);
  writer.end_array();
  return out;
}

Result<std::vector<table::Event>> decode_events(std::string_view body, Seq first_seq) {
  try {
    auto const json = Json::parse(body);
    if (!json.is_array()) return fail(Errc::corrupt, "a stored row is not a list of events");
    std::vector<table::Event> events;
    events.reserve(json.size());
    for (auto const &each : json) events.push_back(read_event(each, first_seq + events.size()));
    return events;
  } catch (Malformed const &) {
    return fail(Errc::corrupt, "a stored event cannot be understood");
  } catch (Json::exception const &) {
    return fail(Errc::corrupt, "a stored row is not JSON");
  }
}

}  // namespace tableforge::codec
