#include "load/sightings.hpp"

#include <algorithm>

namespace tableforge::load {

namespace {

constexpr std::size_t kPieceIdLength = 16;

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

void collect_faces(std::string_view text, Faces &faces) {
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_alphanumeric(text[i])) continue;
    if (auto const card = parse_card(text.substr(start, i - start))) faces.set(*card);
    start = i + 1;
  }
}

void look_at(std::string const &text, Sightings &seen) {
  collect_faces(text, seen.faces);
  if (text.size() == kPieceIdLength && std::ranges::all_of(text, is_hexadecimal)) seen.pieces.push_back(text);
  if (text.starts_with(kSecretPrefix)) seen.secrets.push_back(text);
}

void walk(Json const &value, Sightings &seen) {
  if (value.is_string()) {
    look_at(value.get_ref<std::string const &>(), seen);
  } else if (value.is_object()) {
    for (auto const &[key, child] : value.items()) {
      look_at(key, seen);
      walk(child, seen);
    }
  } else if (value.is_array()) {
    for (auto const &child : value) walk(child, seen);
  }
}

}  // namespace

Sightings look_through(Json const &message) {
  Sightings seen;
  walk(message, seen);
  return seen;
}

Faces faces_in_bytes(std::string_view bytes) {
  Faces faces;
  for (auto at = bytes.find('"'); at != std::string_view::npos && at + 3 < bytes.size(); at = bytes.find('"', at + 1)) {
    if (bytes[at + 3] != '"') continue;
    if (auto const card = parse_card(bytes.substr(at + 1, 2))) faces.set(*card);
  }
  return faces;
}

}  // namespace tableforge::load
