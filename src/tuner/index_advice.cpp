#include "tableforge/tuner/index_advice.hpp"

#include <algorithm>

namespace tableforge::tuner {

namespace {

using Columns = std::vector<std::string>;

/// As many as fit, each once.
Columns joined(Columns const &first, Columns const &second) {
  Columns columns;
  for (Columns const *const list : {&first, &second}) {
    for (std::string const &column : *list) {
      if (columns.size() == IndexSpec::kColumnsMax) return columns;
      if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
    }
  }
  return columns;
}

}  // namespace

std::vector<IndexSpec> propose_indexes(std::span<Scan const> scans) {
  std::vector<IndexSpec> specs;
  for (Scan const &scan : scans) {
    for (Columns const &columns : {joined(scan.equal, {}), joined(scan.equal, scan.range),
                                   joined(scan.equal, scan.sorted), joined(scan.range, {}), joined(scan.sorted, {})}) {
      IndexSpec spec{scan.table, columns};
      if (spec.valid() && std::ranges::find(specs, spec) == specs.end()) specs.push_back(std::move(spec));
    }
  }
  return specs;
}

WritePrice price_writes(IndexSpec const &spec, DatabaseWindow const &window, double entry_ms) {
  auto const found = window.tables.find(spec.table);
  double const seconds = window.seconds();
  if (found == window.tables.end() || seconds <= 0) return {};
  TableTotal const &table = found->second;
  double touching = 0;
  double explained = 0;
  for (auto const &[id, statement] : window.statements) {
    auto const columns = updated_columns(statement.text, spec.table);
    if (columns.empty()) continue;
    explained += statement.rows;
    bool const touches = columns.contains("*") || std::ranges::any_of(spec.columns, [&](auto const &column) {
                           return columns.contains(column);
                         });
    if (touches) touching += statement.rows;
  }
  WritePrice price;
  double const lost = std::min(table.updated_hot, touching + std::max(0.0, table.updated - explained));
  price.hot_lost = lost / seconds;
  price.hot_share = table.updated > 0 ? lost / table.updated : 0;
  double const entries = table.inserted + table.updated - table.updated_hot;
  price.ms = (entries + lost * (table.indexes + 1)) * entry_ms / seconds;
  return price;
}

}  // namespace tableforge::tuner
