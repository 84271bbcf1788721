#pragma once

#include <span>
#include <string_view>

namespace tableforge::app {

/// One file that the build put into the binary (embed.cmake).
struct EmbeddedDocument {
  std::string_view name;  ///< "cards-52.json"
  std::string_view text;
};

/// deploy/systems, by name.
std::span<EmbeddedDocument const> embedded_systems();

/// docs/asyncapi.json and docs/openapi.json.
std::string_view embedded_asyncapi();
std::string_view embedded_openapi();

std::string_view version();
/// The commit this was built from, or "unknown".
std::string_view revision();

}  // namespace tableforge::app
