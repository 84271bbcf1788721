#include "performance/cache/listed_tables.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>
#include <pqxx/pqxx>

#include "support/private_servers.hpp"

namespace tableforge::test {

struct ListedTables::Session {
  pqxx::connection connection;
};

ListedTables::ListedTables(std::string const &database_url) {
  auto const &admin = PrivateServers::shared().admin_url();
  session_.reset(
      new Session{pqxx::connection(admin.substr(0, admin.rfind('/')) + database_url.substr(database_url.rfind('/')))});
  changed(Clock::time_point::min());
}

ListedTables::~ListedTables() = default;

ListedTables::List ListedTables::ask() {
  pqxx::nontransaction work(session_->connection);
  List list;
  for (auto const &row : work.exec("select id::text, name from table_directory where listing = 'public'"
                                   " order by created_at desc, id desc")) {
    list.push_back({.id = row[0].c_str(), .name = row[1].c_str()});
  }
  return list;
}

void ListedTables::changed(Clock::time_point at) { states_.push_back({.since = at, .list = ask()}); }

bool ListedTables::has(std::string const &id, std::string const &name) {
  auto const list = ask();
  return std::ranges::find(list, Table{.id = id, .name = name}) != list.end();
}

bool ListedTables::is_page_of(List const &list, List const &page, std::optional<std::string> const &after,
                              std::size_t limit) {
  auto begin = list.begin();
  if (after) {
    begin = std::ranges::find(list, *after, &Table::id);
    if (begin != list.end()) ++begin;
  }
  auto const count = std::min(limit, static_cast<std::size_t>(list.end() - begin));
  return std::ranges::equal(page, std::ranges::subrange(begin, begin + static_cast<std::ptrdiff_t>(count)));
}

std::optional<ListedTables::Clock::duration> ListedTables::age_of(List const &page,
                                                                  std::optional<std::string> const &after,
                                                                  std::size_t limit, Clock::time_point asked_at) const {
  // From the newest on: an answer that fits several is taken for the newest of them.
  for (std::size_t i = states_.size(); i-- > 0;) {
    if (!is_page_of(states_[i].list, page, after, limit)) continue;
    bool const newest = i + 1 == states_.size();
    if (newest || states_[i + 1].since >= asked_at) return Clock::duration::zero();
    return asked_at - states_[i + 1].since;
  }
  return std::nullopt;
}

ListedTables::List ListedTables::listed_in(std::string const &body) {
  List list;
  // A copy of the array, because a loop over a temporary's part outlives it.
  auto const json = nlohmann::json::parse(body);
  for (auto const &table : json.at("tables")) list.push_back({.id = table.at("id"), .name = table.at("name")});
  return list;
}

}  // namespace tableforge::test
