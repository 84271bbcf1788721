#include "tableforge/tuner/database_window.hpp"

#include <algorithm>
#include <cctype>

namespace tableforge::tuner {

namespace {

/// As many as totals() has at most.
constexpr std::size_t kAllStatements = 500;

std::string lowered(std::string_view text) {
  std::string low(text);
  for (char &c : low) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (c == '\n' || c == '\t' || c == '"') c = ' ';
  }
  return low;
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Where `word` stands by itself, from `from` on.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t from = 0) {
  for (auto at = text.find(word, from); at != std::string_view::npos; at = text.find(word, at + 1)) {
    bool const begins = at == 0 || !is_word(text[at - 1]);
    auto const end = at + word.size();
    if (begins && (end == text.size() || !is_word(text[end]))) return at;
  }
  return std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// "a = $1, b = f(x, y) where …": the columns.
std::set<std::string, std::less<>> assigned(std::string_view text) {
  std::set<std::string, std::less<>> columns;
  int depth = 0;
  std::size_t begin = 0;
  auto const take = [&](std::string_view item) {
    item = trimmed(item);
    auto const end = std::ranges::find_if_not(item, is_word) - item.begin();
    auto const column = item.substr(0, static_cast<std::size_t>(end));
    // (a, b) = …, and whatever else there may be.
    columns.emplace(column.empty() ? std::string_view("*") : column);
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '(') ++depth;
    if (text[at] == ')' && --depth < 0) {
      take(text.substr(begin, at - begin));
      return columns;
    }
    if (depth > 0) continue;
    bool ends = false;
    for (std::string_view const word : {" where ", " returning ", " from "}) ends |= text.substr(at).starts_with(word);
    if (ends) {
      take(text.substr(begin, at - begin));
      return columns;
    }
    if (text[at] != ',') continue;
    take(text.substr(begin, at - begin));
    begin = at + 1;
  }
  take(text.substr(begin));
  return columns;
}

/// Where the table is named behind these words, and behind that name; npos if it is not.
std::size_t behind_target(std::string_view sql, std::string_view words, std::string_view table) {
  for (auto at = find_word(sql, words); at != std::string_view::npos; at = find_word(sql, words, at + 1)) {
    auto rest = at + words.size();
    while (rest < sql.size() && sql[rest] == ' ') ++rest;
    if (find_word(sql.substr(rest), table) == 0) return rest + table.size();
  }
  return std::string_view::npos;
}

TableTotal less(TableTotal now, TableTotal const &earlier) {
  // After a reset all of it is new.
  if (now.inserted < earlier.inserted || now.updated < earlier.updated || now.deleted < earlier.deleted) return now;
  now.inserted -= earlier.inserted;
  now.updated -= earlier.updated;
  now.updated_hot = std::max(0.0, now.updated_hot - earlier.updated_hot);
  now.deleted -= earlier.deleted;
  return now;
}

}  // namespace

double DatabaseWindow::total_ms() const {
  double sum = 0;
  for (auto const &[id, each] : statements) sum += each.time_ms.count() * each.time_ms.mean();
  return sum;
}

void DatabaseWindow::merge(DatabaseWindow const &other) {
  if (since == Time{} || other.since < since) since = other.since;
  until = std::max(until, other.until);
  for (auto const &[id, each] : other.statements) {
    auto [found, fresh] = statements.try_emplace(id, each);
    if (fresh) continue;
    found->second.time_ms.merge(each.time_ms);
    found->second.blocks += each.blocks;
    found->second.rows += each.rows;
  }
  for (auto const &[name, each] : other.tables) {
    auto [found, fresh] = tables.try_emplace(name, each);
    if (fresh) continue;
    TableTotal sum = each;
    sum.inserted += found->second.inserted;
    sum.updated += found->second.updated;
    sum.updated_hot += found->second.updated_hot;
    sum.deleted += found->second.deleted;
    found->second = sum;
  }
}

DatabaseWindow window_between(DatabaseTotals const &earlier, DatabaseTotals const &now, Time since, Time until) {
  DatabaseWindow window{.since = since, .until = until, .statements = {}, .tables = {}};
  std::map<std::int64_t, StatementTotal const *> before;
  for (auto const &each : earlier.statements) before.emplace(each.id, &each);
  for (auto const &each : now.statements) {
    auto const found = before.find(each.id);
    if (found == before.end() && earlier.statements.size() >= kAllStatements) continue;
    StatementTotal delta = each;
    if (found != before.end() && found->second->time_ms.count() <= each.time_ms.count()) {
      delta.time_ms = each.time_ms.since(found->second->time_ms);
      delta.blocks -= found->second->blocks;
      delta.rows -= found->second->rows;
    }
    if (delta.time_ms.count() > 0) window.statements.emplace(each.id, std::move(delta));
  }
  for (auto const &each : now.tables) {
    auto const found = std::ranges::find(earlier.tables, each.name, &TableTotal::name);
    window.tables.emplace(each.name, found == earlier.tables.end() ? each : less(each, *found));
  }
  return window;
}

std::set<std::string, std::less<>> updated_columns(std::string_view sql, std::string_view table) {
  std::string const text = lowered(sql);
  std::string_view const view = text;
  constexpr std::string_view kSet = "set ";
  if (auto const end = behind_target(view, "update", table); end != std::string_view::npos) {
    auto const set = find_word(view, "set", end);
    return set == std::string_view::npos ? std::set<std::string, std::less<>>{"*"}
                                         : assigned(view.substr(set + kSet.size()));
  }
  if (behind_target(view, "insert into", table) != std::string_view::npos) {
    constexpr std::string_view kUpsert = "do update set ";
    auto const at = view.find(kUpsert);
    if (at != std::string_view::npos) return assigned(view.substr(at + kUpsert.size()));
  }
  return {};
}

bool names_table(std::string_view sql, std::string_view table) {
  return find_word(lowered(sql), table) != std::string_view::npos;
}

bool writes_table(std::string_view sql, std::string_view table) {
  std::string const text = lowered(sql);
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"update", "insert into", "delete from"},
      [&](std::string_view words) { return behind_target(text, words, table) != std::string_view::npos; });
}

}  // namespace tableforge::tuner
