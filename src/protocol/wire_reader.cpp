#include "protocol/wire_reader.hpp"

#include <algorithm>

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

Outcome read_text(Json const &json, std::string &value, Bound bound) {
  if (!json.is_string()) return Fault{"expected a text", "", {}};
  auto const &text = json.get_ref<std::string const &>();
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

Outcome read_integer(Json const &json, std::int64_t &value, Bound bound) {
  if (!json.is_number_integer()) return Fault{"expected an integer", "", {}};
  bool const beyond = json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{table::kIntegerMax};
  auto const number = beyond ? std::int64_t{0} : json.get<std::int64_t>();
  if (beyond || number < bound.min || number > bound.max) {
    return Fault{"expected an integer from " + std::to_string(std::max(bound.min, -table::kIntegerMax)) + " to " +
                     std::to_string(std::min(bound.max, table::kIntegerMax)),
                 "",
                 {}};
  }
  value = number;
  return std::nullopt;
}

Outcome read_number(Json const &json, double &value, Bound bound) {
  if (!json.is_number()) return Fault{"expected a number", "", {}};
  auto const number = json.get<double>();
  // Beyond this a position is no place on any table, and arithmetic on it loses whole units.
  constexpr double kNumberMax = 1e9;
  bool const inside_bound = number >= std::max(-kNumberMax, static_cast<double>(bound.min)) &&
                            number <= std::min(kNumberMax, static_cast<double>(bound.max));
  if (!std::isfinite(number) || !inside_bound) return Fault{"the number is out of range", "", {}};
  value = number == 0 ? 0 : number;  // No negative zero: it would come back from the database as another number.
  return std::nullopt;
}

Outcome read_uuid(Json const &json, Uuid &value) {
  auto const uuid = json.is_string() ? Uuid::parse(json.get_ref<std::string const &>()) : std::nullopt;
  if (!uuid) return Fault{"expected an id: a UUID in lower case", "", {}};
  value = *uuid;
  return std::nullopt;
}

Outcome read_piece_id(Json const &json, PieceId &value) {
  auto const id = json.is_string() ? parse_piece_id(json.get_ref<std::string const &>()) : std::nullopt;
  if (!id) return Fault{"expected a piece id: 16 hexadecimal digits", "", {}};
  value = *id;
  return std::nullopt;
}

Outcome read(Json const &json, table::Audience &audience, Bound bound) {
  if (json == "all") {
    audience.all = true;
    return std::nullopt;
  }
  if (!json.is_array()) return Fault{"expected \"all\" or a list of players", "", {}};
  return read(json, audience.players, bound);
}

Outcome read(Json const &json, Point &point, Bound bound) {
  if (!json.is_array() || json.size() != point.size()) return Fault{"expected [x, y]", "", {}};
  for (std::size_t i = 0; i < point.size(); ++i) {
    if (auto fault = read_number(json[i], point[i], bound))
      return inside("[" + std::to_string(i) + "]", std::move(*fault));
  }
  return std::nullopt;
}

}  // namespace tableforge::protocol
