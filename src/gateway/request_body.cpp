#include "gateway/request_body.hpp"

#include "tableforge/protocol/client_message.hpp"

namespace tableforge::gateway {

namespace {

/// As many characters as bytes that do not continue one.
std::int64_t characters(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

/// U+0000 to U+001F and U+007F to U+009F, in UTF-8 that is known to be well-formed: the latter 32 are two bytes long.
bool has_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto const byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

}  // namespace

std::optional<Refusal> read_text(Json const &json, std::string &value, Bound bound) {
  if (!json.is_string()) return Refusal{.message = "expected a text"};
  auto const &text = json.get_ref<std::string const &>();
  // All texts of these bodies are names, and the lobby keeps to the same rule.
  if (has_control_character(text)) return Refusal{.message = "a name cannot contain control characters"};
  auto const length = characters(text);
  if (length < bound.min) return Refusal{.message = "the text is too short"};
  if (length > bound.max) {
    return Refusal{.message = "the text is longer than " + std::to_string(bound.max) + " characters"};
  }
  value = text;
  return std::nullopt;
}

std::optional<Refusal> read_integer(Json const &json, std::int64_t &value, Bound bound) {
  if (!json.is_number_integer()) return Refusal{.message = "expected an integer"};
  // A number beyond int64 is kept as unsigned, and would come out negative.
  bool const beyond = json.is_number_unsigned() && json.get<std::uint64_t>() > static_cast<std::uint64_t>(bound.max);
  auto const number = beyond ? bound.max : json.get<std::int64_t>();
  if (beyond || number < bound.min || number > bound.max) {
    return Refusal{.message =
                       "expected an integer from " + std::to_string(bound.min) + " to " + std::to_string(bound.max)};
  }
  value = number;
  return std::nullopt;
}

std::expected<Json, Refusal> parse_body(std::string_view body) {
  if (body.size() > protocol::kClientMessageBytesMax) {
    return std::unexpected(Refusal{.code = protocol::ErrorCode::too_large,
                                   .message = "the body is too large",
                                   .limit = static_cast<std::int64_t>(protocol::kClientMessageBytesMax)});
  }
  if (body.empty()) return Json::object();
  auto json = Json::parse(body, nullptr, false);
  if (json.is_discarded()) return std::unexpected(Refusal{.message = "the body is not valid JSON"});
  if (!json.is_object()) return std::unexpected(Refusal{.message = "the body is one JSON object"});
  return json;
}

}  // namespace tableforge::gateway
