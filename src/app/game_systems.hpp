#pragma once

#include <expected>
#include <string>
#include <vector>

#include "tableforge/table/system.hpp"

namespace tableforge::app {

/// The game systems that ship with the binary. The error is a sentence that names the document and what is wrong in it.
std::expected<std::vector<table::GameSystem>, std::string> load_game_systems();

}  // namespace tableforge::app
