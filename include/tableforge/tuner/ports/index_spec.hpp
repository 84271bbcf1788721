#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/stable_hash.hpp"

namespace tableforge::tuner {

/// An index that the tuner could build: some columns of a table, in order, as a plain B-tree.
///
/// Its knob says what it is, so that what a process before this one was trying can be undone without any memory of it.
///
/// Threads: any; a value.
/// Bounds:  `kColumnsMax` columns; names as our migrations have them: lower case, digits, underscores.
struct IndexSpec {
  static constexpr std::size_t kColumnsMax = 3;
  static constexpr std::string_view kKnobPrefix = "index.";
  /// What begins otherwise is not the tuner's, and is never dropped.
  static constexpr std::string_view kNamePrefix = "tf_auto_";

  std::string table;
  std::vector<std::string> columns;

  /// index.TABLE.COLUMN.COLUMN
  [[nodiscard]] std::string knob() const {
    std::string text(kKnobPrefix);
    text += table;
    for (std::string const &column : columns) text += '.' + column;
    return text;
  }
  [[nodiscard]] std::string name() const {
    std::array<char, 16> digits{};
    auto const hash = StableHash().add(knob()).value();
    auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr;
    return std::string(kNamePrefix) + std::string(digits.data(), end);
  }
  /// Nothing for what knob() does not make.
  [[nodiscard]] static std::optional<IndexSpec> parse(std::string_view knob) {
    if (!knob.starts_with(kKnobPrefix)) return std::nullopt;
    knob.remove_prefix(kKnobPrefix.size());
    std::vector<std::string> words;
    while (true) {
      auto const dot = knob.find('.');
      words.emplace_back(knob.substr(0, dot));
      if (dot == std::string_view::npos) break;
      knob.remove_prefix(dot + 1);
    }
    IndexSpec spec{words.front(), {words.begin() + 1, words.end()}};
    if (!spec.valid()) return std::nullopt;
    return spec;
  }
  [[nodiscard]] bool valid() const {
    return is_name(table) && !columns.empty() && columns.size() <= kColumnsMax && std::ranges::all_of(columns, is_name);
  }
  [[nodiscard]] static bool is_name(std::string_view text) {
    constexpr std::size_t kNameBytesMax = 63;  // PostgreSQL cuts what is longer.
    return !text.empty() && text.size() <= kNameBytesMax && std::ranges::all_of(text, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
  }

  friend bool operator==(IndexSpec const &, IndexSpec const &) = default;
};

}  // namespace tableforge::tuner
