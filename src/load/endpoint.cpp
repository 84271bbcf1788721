#include "tableforge/load/endpoint.hpp"

#include <charconv>

namespace tableforge::load {

namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (code != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::string Endpoint::text() const {
  bool const bracketed = host.contains(':');
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::optional<Endpoint> parse_endpoint(std::string_view url) {
  constexpr std::string_view scheme = "ws://";
  if (!url.starts_with(scheme)) return std::nullopt;
  url.remove_prefix(scheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  if (url.find_first_of("/?#@ ") != std::string_view::npos) return std::nullopt;

  Endpoint endpoint;
  std::string_view rest;
  if (url.starts_with('[')) {
    auto const end = url.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    endpoint.host = url.substr(1, end - 1);
    rest = url.substr(end + 1);
  } else {
    auto const end = url.find(':');
    endpoint.host = url.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : url.substr(end);
  }
  if (endpoint.host.empty()) return std::nullopt;
  if (rest.empty()) return endpoint;
  if (!rest.starts_with(':')) return std::nullopt;
  auto const port = parse_port(rest.substr(1));
  if (!port) return std::nullopt;
  endpoint.port = *port;
  return endpoint;
}

}  // namespace tableforge::load
