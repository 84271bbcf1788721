#include "app/knob_document.hpp"

#include "tableforge/base/json_writer.hpp"

#include "gateway/request_body.hpp"

namespace tableforge::app {

namespace {

void write(JsonWriter &writer, AnyKnob const &knob) {
  auto const info = knob.info();
  writer.begin_object();
  writer.key("name");
  writer.string(info.name);
  writer.key("unit");
  writer.string(info.unit);
  writer.key("help");
  writer.string(info.help);
  writer.key("min");
  writer.number(info.min);
  writer.key("max");
  writer.number(info.max);
  writer.key("initial");
  writer.number(info.initial);
  writer.key("value");
  writer.number(knob.number());
  writer.end_object();
}

/// Without trailing zeros; whole numbers without a point.
std::string text_of(double number) {
  std::string text;
  JsonWriter(text).number(number);
  return text;
}

}  // namespace

std::string knob_document(AnyKnob const &knob) {
  std::string out;
  JsonWriter writer(out);
  write(writer, knob);
  return out;
}

std::string knobs_document(KnobSet const &knobs) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("knobs");
  writer.begin_array();
  knobs.for_each([&](AnyKnob const &knob) { write(writer, knob); });
  writer.end_array();
  writer.end_object();
  return out;
}

std::expected<double, gateway::Refusal> knob_value(std::string_view body) {
  auto const json = gateway::parse_body(body);
  if (!json) return std::unexpected(json.error());
  for (auto const &[name, unused] : json->items()) {
    if (name != "value") return std::unexpected(gateway::Refusal{.message = "there is no such field", .path = name});
  }
  auto const value = json->find("value");
  if (value == json->end() || !value->is_number()) {
    return std::unexpected(gateway::Refusal{.message = "expected a number", .path = "value"});
  }
  return value->get<double>();
}

std::string knob_range(AnyKnob const &knob) {
  auto const info = knob.info();
  return text_of(info.min) + " to " + text_of(info.max) + " " + std::string(info.unit);
}

}  // namespace tableforge::app
