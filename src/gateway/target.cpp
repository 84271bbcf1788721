#include "gateway/target.hpp"

#include <charconv>

#include "tableforge/ws/utf8.hpp"

namespace tableforge::gateway {

namespace {

enum class Plus : std::uint8_t { literal, space };

std::optional<std::string> decode(std::string_view text, Plus plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      unsigned value = 0;
      auto const *const digits = text.data() + i + 1;
      if (std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2) return std::nullopt;
      c = static_cast<char>(value);
      i += 2;
    } else if (c == '+' && plus == Plus::space) {
      c = ' ';
    }
    if (c == '\0') return std::nullopt;
    decoded += c;
  }
  if (!ws::is_utf8(decoded)) return std::nullopt;
  return decoded;
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
  if (!text.starts_with('/')) return std::nullopt;
  auto const question = text.find('?');
  auto path = decode(text.substr(0, question), Plus::literal);
  if (!path) return std::nullopt;
  Target target{.path = std::move(*path), .query = {}};
  std::string_view rest = question == std::string_view::npos ? std::string_view() : text.substr(question + 1);
  while (!rest.empty()) {
    auto const end = rest.find('&');
    std::string_view const pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (pair.empty()) continue;
    auto const equals = pair.find('=');
    auto name = decode(pair.substr(0, equals), Plus::space);
    auto value = decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), Plus::space);
    if (!name || !value) return std::nullopt;
    if (!target.query.emplace(std::move(*name), std::move(*value)).second) return std::nullopt;
  }
  return target;
}

std::optional<std::string_view> socket_path_id(std::string_view path) {
  constexpr std::string_view kBefore = "/v1/tables/";
  constexpr std::string_view kBehind = "/ws";
  if (!path.starts_with(kBefore) || !path.ends_with(kBehind)) return std::nullopt;
  if (path.size() <= kBefore.size() + kBehind.size()) return std::nullopt;
  auto const id = path.substr(kBefore.size(), path.size() - kBefore.size() - kBehind.size());
  if (id.contains('/')) return std::nullopt;
  return id;
}

}  // namespace tableforge::gateway
