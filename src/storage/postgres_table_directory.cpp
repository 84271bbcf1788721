#include <algorithm>
#include <string>

#include "tableforge/log/log.hpp"
#include "tableforge/storage/postgres_lobby_stores.hpp"

#include "storage/connections.hpp"
#include "storage/row_values.hpp"

namespace tableforge::storage {

namespace {

#define TF_TABLE_COLUMNS                                                                     \
  "id, name, system, listing, owner_id, (extract(epoch from created_at) * 1000000)::bigint," \
  " (extract(epoch from changed_at) * 1000000)::bigint"

// Adding the same again is no conflict, even if it was renamed in between: a question may be asked twice.
constexpr Statement kAddTable{"table_directory_add",
                              "insert into table_directory as t (id, name, system, listing, owner_id, created_at)"
                              " values ($1, $2, $3, $4, $5, $6) on conflict (id) do update set name = t.name"
                              " where t.owner_id = excluded.owner_id and t.created_at = excluded.created_at"
                              " returning pg_current_xact_id()::text"};
constexpr Statement kRename{"table_directory_rename",
                            "update table_directory set name = $2, changed_at = now() where id = $1"
                            " returning pg_current_xact_id()::text"};
constexpr Statement kFindTable{"table_directory_find",
                               "select " TF_TABLE_COLUMNS " from table_directory where id = $1"};
// A page has its version also when it is empty: one row without a table then. The order is said again because a join
// keeps none.
#define TF_PAGE_OF(rows)                                                                                           \
  "select page.*, pg_snapshot_xmin(pg_current_snapshot())::text,"                                                  \
  " (extract(epoch from clock_timestamp()) * 1000000)::bigint from (select) one"                                   \
  " left join lateral (select " TF_TABLE_COLUMNS ", created_at from table_directory where listing = 'public'" rows \
  ") page on true order by page.created_at desc, page.id desc"
constexpr Statement kFirstPage{"table_directory_first_page", TF_PAGE_OF(" order by created_at desc, id desc limit $1")};
// Behind a table that is unknown there is nothing: the comparison with no row is not true.
constexpr Statement kNextPage{
    "table_directory_next_page",
    TF_PAGE_OF(" and (created_at, id) < (select created_at, id from table_directory where id = $1)"
               " order by created_at desc, id desc limit $2")};
// Behind the columns of a table: created_at once more, for the order.
constexpr int kVersionColumn = 8;
constexpr int kAtColumn = 9;

#undef TF_PAGE_OF
#undef TF_TABLE_COLUMNS

Result<lobby::TableRecord> record(pqxx::row const &row) {
  auto const listing = from_word<table::Listing>(text_of(row[3]));
  if (!listing) {
    log::error("a table's listing is unknown", {{"table", uuid_of(row[0])}, {"listing", text_of(row[3])}});
    return fail(Errc::corrupt, "a table's listing is unknown");
  }
  return lobby::TableRecord{.id = TableId(uuid_of(row[0])),
                            .name = std::string(text_of(row[1])),
                            .system = SystemId(std::string(text_of(row[2]))),
                            .listing = *listing,
                            .owner = PlayerId(uuid_of(row[4])),
                            .created_at = time_of(row[5]),
                            .changed_at = time_of(row[6])};
}

Result<lobby::Read<std::vector<lobby::TableRecord>>> page_of(pqxx::result const &found) {
  lobby::Read<std::vector<lobby::TableRecord>> page;
  page.version = xid_of(found[0][kVersionColumn]);
  page.at = time_of(found[0][kAtColumn]);
  if (found[0][0].is_null()) return page;
  page.value.reserve(static_cast<std::size_t>(found.size()));
  for (auto const &row : found) {
    auto each = record(row);
    if (!each) return std::unexpected(each.error());
    page.value.push_back(std::move(*each));
  }
  return page;
}

}  // namespace

Result<std::uint64_t> PostgresTableDirectory::add(lobby::TableRecord const &table) {
  return pool_.connections().ask("table_directory_add", [&](Connection &session) -> Result<std::uint64_t> {
    pqxx::result const added =
        session.run(kAddTable, {table.id.value.text(), table.name, table.system.value, std::string(word(table.listing)),
                                table.owner.value.text(), to_rfc3339(table.created_at)});
    if (added.empty()) return fail(Errc::conflict, "there is another table with this id");
    return xid_of(added[0][0]);
  });
}

Result<std::uint64_t> PostgresTableDirectory::rename(TableId table, std::string_view name) {
  return pool_.connections().ask("table_directory_rename", [&](Connection &session) -> Result<std::uint64_t> {
    pqxx::result const renamed = session.run(kRename, {table.value.text(), std::string(name)});
    if (renamed.empty()) return fail(Errc::not_found, "there is no such table");
    return xid_of(renamed[0][0]);
  });
}

Result<std::optional<lobby::TableRecord>> PostgresTableDirectory::find(TableId table) {
  return pool_.connections().ask("table_directory_find",
                                 [&](Connection &session) -> Result<std::optional<lobby::TableRecord>> {
                                   pqxx::result const found = session.run(kFindTable, {table.value.text()});
                                   if (found.empty()) return std::nullopt;
                                   auto read = record(found[0]);
                                   if (!read) return std::unexpected(read.error());
                                   return std::move(*read);
                                 });
}

Result<lobby::Read<std::vector<lobby::TableRecord>>> PostgresTableDirectory::page(std::optional<TableId> after,
                                                                                  std::size_t limit) {
  return pool_.connections().ask("table_directory_page", [&](Connection &session) {
    std::string const rows = std::to_string(limit);
    return page_of(after ? session.run(kNextPage, {after->value.text(), rows}) : session.run(kFirstPage, {rows}));
  });
}

}  // namespace tableforge::storage
