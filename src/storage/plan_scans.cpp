#include "storage/plan_scans.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tableforge::storage {

namespace {

using PlanJson = nlohmann::json;

constexpr std::array kConditions{"Filter", "Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter"};

void add_once(std::vector<std::string> &list, std::string_view item) {
  if (std::ranges::find(list, item) == list.end()) list.emplace_back(item);
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

/// Past closing brackets and casts.
std::string_view behind(std::string_view text) {
  while (true) {
    if (text.starts_with(')')) {
      text.remove_prefix(1);
    } else if (text.starts_with("::")) {
      text.remove_prefix(2);
      while (!text.empty() && (is_word(text.front()) || text.front() == '[' || text.front() == ']')) {
        text.remove_prefix(1);
      }
    } else {
      return text;
    }
  }
}

/// One condition's text: "((d.listing = 'public'::text) AND (ROW(d.created_at, d.id) < ROW($0, $1)))".
void read_condition(std::string_view text, std::string_view alias, tuner::Scan &scan) {
  std::string const mark = std::string(alias) + '.';
  for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
    if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '.')) continue;
    auto end = at + mark.size();
    while (end < text.size() && is_word(text[end])) ++end;
    auto const column = text.substr(at + mark.size(), end - at - mark.size());
    auto const next = behind(text.substr(end));
    auto before = text.substr(0, at);
    while (before.ends_with('(')) before.remove_suffix(1);
    if (next.starts_with(" = ") || before.ends_with(" = ")) {
      add_once(scan.equal, column);
    } else if (next.starts_with(" <") || next.starts_with(" >") || before.ends_with("< ") || before.ends_with("> ") ||
               before.ends_with("<= ") || before.ends_with(">= ") || before.ends_with("ROW") ||
               before.ends_with(", ")) {
      if (!next.starts_with(" <>")) add_once(scan.range, column);
    }
  }
}

/// "d.created_at DESC": of this alias, and all the same way; otherwise nothing.
std::vector<std::string> sorted_columns(std::vector<std::string> const &keys, std::string_view alias) {
  std::vector<std::string> columns;
  bool down = false;
  for (std::string_view key : keys) {
    bool const goes_down = key.ends_with(" DESC");
    if (goes_down) key.remove_suffix(5);
    if (!key.starts_with(std::string(alias) + '.')) return {};
    key.remove_prefix(alias.size() + 1);
    if (!std::ranges::all_of(key, is_word)) return {};
    if (columns.empty()) down = goes_down;
    if (down != goes_down) return {};
    columns.emplace_back(key);
  }
  return columns;
}

/// `conditions` of the joins above, `keys` of the sort above.
void walk(PlanJson const &node, std::vector<std::string> conditions, std::vector<std::string> keys,
          std::vector<tuner::Scan> &scans) {
  for (char const *const name : kConditions) {
    if (node.contains(name)) conditions.push_back(node.at(name).get<std::string>());
  }
  if (node.contains("Sort Key")) keys = node.at("Sort Key").get<std::vector<std::string>>();
  if (node.contains("Relation Name")) {
    auto const alias = node.value("Alias", std::string());
    tuner::Scan scan{.table = node.at("Relation Name").get<std::string>(), .equal = {}, .range = {}, .sorted = {}};
    for (auto const &condition : conditions) read_condition(condition, alias, scan);
    scan.sorted = sorted_columns(keys, alias);
    scans.push_back(std::move(scan));
  }
  if (!node.contains("Plans")) return;
  for (auto const &child : node.at("Plans")) {
    // The rows of a side computation are not those that are sorted above it.
    bool const inner = child.value("Parent Relationship", std::string()) == "InitPlan";
    walk(child, inner ? std::vector<std::string>{} : conditions, inner ? std::vector<std::string>{} : keys, scans);
  }
}

}  // namespace

Result<tuner::StatementPlan> read_plan(std::string_view json) {
  try {
    auto const document = PlanJson::parse(json);
    auto const &top = document.at(0);
    tuner::StatementPlan plan;
    plan.id = top.value("Query Identifier", std::int64_t{0});
    plan.cost = top.at("Plan").at("Total Cost").get<double>();
    walk(top.at("Plan"), {}, {}, plan.scans);
    return plan;
  } catch (PlanJson::exception const &) {
    return fail(Errc::corrupt, "a plan cannot be read");
  }
}

}  // namespace tableforge::storage
