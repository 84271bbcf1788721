#include "load/record_file.hpp"

#include <fstream>

namespace tableforge::load {

std::string at_line(std::filesystem::path const &file, std::size_t line, std::string const &what) {
  return file.filename().string() + ":" + std::to_string(line) + ": " + what;
}

std::expected<std::vector<RecordLine>, std::string> read_lines(std::filesystem::path const &file) {
  std::ifstream input(file);
  if (!input) return std::unexpected("cannot read " + file.string());
  std::vector<RecordLine> lines;
  std::string text;
  for (std::size_t number = 1; std::getline(input, text); ++number) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    try {
      auto value = Json::parse(text);
      if (!value.is_object()) return std::unexpected(at_line(file, number, "not a JSON object"));
      lines.push_back({.number = number, .value = std::move(value)});
    } catch (Json::exception const &error) {
      return std::unexpected(at_line(file, number, error.what()));
    }
  }
  if (input.bad()) return std::unexpected("cannot read " + file.string() + " to its end");
  return lines;
}

}  // namespace tableforge::load
