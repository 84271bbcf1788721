#include "protocol/wire_reader.hpp"

#include <algorithm>
#include <cmath>

namespace tableforge::protocol {

std::string clipped(std::string_view name) {
  constexpr std::size_t kShownMax = 64;
  if (name.size() <= kShownMax) return std::string(name);
  auto end = kShownMax;
  while ((static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;  // Not in the middle of a character.
  return std::string(name.substr(0, end)) + "…";
}

std::int64_t characters(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

Outcome read_text(JsonNode const &json, std::string &value, Bound bound) {
  if (!json.is(JsonNode::Kind::text)) return Fault{"expected a text", "", {}};
  auto const text = json.text();
  // PostgreSQL's jsonb has no NUL, and nobody types one.
  if (text.find('\0') != std::string::npos) return Fault{"a text cannot contain NUL", "", {}};
  auto const length = characters(text);
  if (length < bound.min) return Fault{"the text is too short", "", {}};
  if (length > bound.max) {
    return Fault{"the text is longer than " + std::to_string(bound.max) + " characters", "", {}};
  }
  value = text;
  return std::nullopt;
}

Outcome read_integer(JsonNode const &json, std::int64_t &value, Bound bound) {
  bool const large = json.is(JsonNode::Kind::large_integer);
  if (!large && !json.is(JsonNode::Kind::integer)) return Fault{"expected an integer", "", {}};
  auto const number = large ? 0 : json.integer();
  if (large || number < bound.min || number > std::min(bound.max, table::kIntegerMax)) {
    return Fault{"expected an integer from " + std::to_string(std::max(bound.min, -table::kIntegerMax)) + " to " +
                     std::to_string(std::min(bound.max, table::kIntegerMax)),
                 "",
                 {}};
  }
  value = number;
  return std::nullopt;
}

Outcome read_number(JsonNode const &json, double &value, Bound bound) {
  if (!json.is_number()) return Fault{"expected a number", "", {}};
  auto const number = json.number();
  // Beyond this a position is no place on any table, and arithmetic on it loses whole units.
  constexpr double kNumberMax = 1e9;
  bool const inside_bound = number >= std::max(-kNumberMax, static_cast<double>(bound.min)) &&
                            number <= std::min(kNumberMax, static_cast<double>(bound.max));
  if (!std::isfinite(number) || !inside_bound) return Fault{"the number is out of range", "", {}};
  value = number == 0 ? 0 : number;  // No negative zero: it would come back from the database as another number.
  return std::nullopt;
}

Outcome read_uuid(JsonNode const &json, Uuid &value) {
  auto const uuid = json.is(JsonNode::Kind::text) ? Uuid::parse(json.text()) : std::nullopt;
  if (!uuid) return Fault{"expected an id: a UUID in lower case", "", {}};
  value = *uuid;
  return std::nullopt;
}

Outcome read_piece_id(JsonNode const &json, PieceId &value) {
  auto const id = json.is(JsonNode::Kind::text) ? parse_piece_id(json.text()) : std::nullopt;
  if (!id) return Fault{"expected a piece id: 16 hexadecimal digits", "", {}};
  value = *id;
  return std::nullopt;
}

Outcome read(JsonNode const &json, table::Audience &audience, Bound bound) {
  if (json.is(JsonNode::Kind::text) && json.text() == "all") {
    audience.all = true;
    return std::nullopt;
  }
  if (!json.is(JsonNode::Kind::list)) return Fault{"expected \"all\" or a list of players", "", {}};
  return read(json, audience.players, bound);
}

Outcome read(JsonNode const &json, Point &point, Bound bound) {
  if (!json.is(JsonNode::Kind::list) || json.size() != point.size()) return Fault{"expected [x, y]", "", {}};
  auto const *each = json.first();
  for (std::size_t i = 0; i < point.size(); ++i, each = each->next()) {
    if (auto fault = read_number(*each, point[i], bound))
      return inside("[" + std::to_string(i) + "]", std::move(*fault));
  }
  return std::nullopt;
}

}  // namespace tableforge::protocol
