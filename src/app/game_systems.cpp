#include "app/game_systems.hpp"

#include <algorithm>

#include "tableforge/codec/system_document.hpp"

#include "app/embedded_documents.hpp"

namespace tableforge::app {

std::expected<std::vector<table::GameSystem>, std::string> load_game_systems() {
  std::vector<table::GameSystem> systems;
  for (EmbeddedDocument const &document : embedded_systems()) {
    auto system = codec::parse_system(document.text);
    if (!system) return std::unexpected(std::string(document.name) + ": " + system.error());
    if (std::ranges::find(systems, system->id, &table::GameSystem::id) != systems.end()) {
      return std::unexpected(std::string(document.name) + ": there is another system of that id");
    }
    systems.push_back(std::move(*system));
  }
  return systems;
}

}  // namespace tableforge::app
