#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "load/json.hpp"

namespace tableforge::load {

struct RecordLine {
  std::size_t number = 0;  ///< From 1.
  Json value;
};

/// The JSON objects of a file, one per line; empty lines are passed over. The error names file and line.
std::expected<std::vector<RecordLine>, std::string> read_lines(std::filesystem::path const &file);

/// "games.jsonl:3: what is wrong".
std::string at_line(std::filesystem::path const &file, std::size_t line, std::string const &what);

/// Reads every line with `parse`, which throws Trouble or nlohmann's exceptions for what it cannot accept.
template <class Game>
std::expected<std::vector<Game>, std::string> read_games(std::filesystem::path const &file,
                                                         Game (*parse)(Json const &)) {
  auto const lines = read_lines(file);
  if (!lines) return std::unexpected(lines.error());
  std::vector<Game> games;
  for (auto const &line : *lines) {
    try {
      games.push_back(parse(line.value));
    } catch (std::exception const &error) {
      return std::unexpected(at_line(file, line.number, error.what()));
    }
  }
  return games;
}

}  // namespace tableforge::load
