#include <algorithm>
#include <string>

#include "tableforge/log/log.hpp"
#include "tableforge/storage/postgres_lobby_stores.hpp"

#include "storage/connections.hpp"
#include "storage/row_values.hpp"

namespace tableforge::storage {

namespace {

#define TF_TABLE_COLUMNS "id, name, system, listing, owner_id, (extract(epoch from created_at) * 1000000)::bigint"

// Adding the same again is no conflict, even if it was renamed in between: a question may be asked twice.
constexpr Statement kAddTable{"table_directory_add",
                              "insert into table_directory as t (id, name, system, listing, owner_id, created_at)"
                              " values ($1, $2, $3, $4, $5, $6) on conflict (id) do update set name = t.name"
                              " where t.owner_id = excluded.owner_id and t.created_at = excluded.created_at"
                              " returning id"};
constexpr Statement kRename{"table_directory_rename",
                            "update table_directory set name = $2 where id = $1 returning id"};
constexpr Statement kFindTable{"table_directory_find",
                               "select " TF_TABLE_COLUMNS " from table_directory where id = $1"};
constexpr Statement kFirstPage{"table_directory_first_page", "select " TF_TABLE_COLUMNS
                                                             " from table_directory where listing = 'public'"
                                                             " order by created_at desc, id desc limit $1"};
// Behind a table that is unknown there is nothing: the comparison with no row is not true.
constexpr Statement kNextPage{"table_directory_next_page",
                              "select " TF_TABLE_COLUMNS
                              " from table_directory where listing = 'public'"
                              " and (created_at, id) < (select created_at, id from table_directory where id = $1)"
                              " order by created_at desc, id desc limit $2"};

#undef TF_TABLE_COLUMNS

Result<std::vector<lobby::TableRecord>> records(pqxx::result const &found) {
  std::vector<lobby::TableRecord> out;
  out.reserve(static_cast<std::size_t>(found.size()));
  for (auto const &row : found) {
    auto const listing = from_word<table::Listing>(text_of(row[3]));
    if (!listing) {
      log::error("a table's listing is unknown", {{"table", uuid_of(row[0])}, {"listing", text_of(row[3])}});
      return fail(Errc::corrupt, "a table's listing is unknown");
    }
    out.push_back({.id = TableId(uuid_of(row[0])),
                   .name = std::string(text_of(row[1])),
                   .system = SystemId(std::string(text_of(row[2]))),
                   .listing = *listing,
                   .owner = PlayerId(uuid_of(row[4])),
                   .created_at = time_of(row[5])});
  }
  return out;
}

}  // namespace

Result<void> PostgresTableDirectory::add(lobby::TableRecord const &table) {
  return pool_.connections().ask("table_directory_add", [&](Connection &session) -> Result<void> {
    pqxx::result const added =
        session.run(kAddTable, {table.id.value.text(), table.name, table.system.value, std::string(word(table.listing)),
                                table.owner.value.text(), to_rfc3339(table.created_at)});
    if (added.empty()) return fail(Errc::conflict, "there is another table with this id");
    return {};
  });
}

Result<void> PostgresTableDirectory::rename(TableId table, std::string_view name) {
  return pool_.connections().ask("table_directory_rename", [&](Connection &session) -> Result<void> {
    if (session.run(kRename, {table.value.text(), std::string(name)}).empty()) {
      return fail(Errc::not_found, "there is no such table");
    }
    return {};
  });
}

Result<std::optional<lobby::TableRecord>> PostgresTableDirectory::find(TableId table) {
  return pool_.connections().ask("table_directory_find",
                                 [&](Connection &session) -> Result<std::optional<lobby::TableRecord>> {
                                   auto found = records(session.run(kFindTable, {table.value.text()}));
                                   if (!found) return std::unexpected(found.error());
                                   if (found->empty()) return std::nullopt;
                                   return std::move(found->front());
                                 });
}

Result<std::vector<lobby::TableRecord>> PostgresTableDirectory::page(std::optional<TableId> after, std::size_t limit) {
  return pool_.connections().ask("table_directory_page", [&](Connection &session) {
    std::string const rows = std::to_string(limit);
    return records(after ? session.run(kNextPage, {after->value.text(), rows}) : session.run(kFirstPage, {rows}));
  });
}

}  // namespace tableforge::storage
