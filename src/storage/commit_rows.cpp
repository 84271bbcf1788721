#include "storage/commit_rows.hpp"

#include <array>
#include <limits>
#include <optional>
#include <string>

#include "storage/array_literal.hpp"
#include "storage/gapless.hpp"
#include "storage/jsonb_array.hpp"
#include "storage/row_values.hpp"

namespace tableforge::storage::commit_rows {

namespace {

// Ordered by the whole key, so that two writers can never wait for each other in a circle. The mark is returned
// rather than the table: it names the row even if a caller should break its promise of one append per table.
constexpr Statement kInsert{"commit_row_insert",
                            "insert into commit_row (table_id, first_seq, n, append_id, at, body)"
                            " select * from unnest($1::uuid[], $2::bigint[], $3::int[], $4::uuid[],"
                            "                      $5::timestamptz[], $6::jsonb[])"
                            " order by 1, 2 on conflict do nothing returning append_id"};

constexpr Statement kFindOurs{"commit_row_find_ours",
                              "select c.append_id"
                              " from unnest($1::uuid[], $2::bigint[], $3::uuid[]) as a (table_id, first_seq, append_id)"
                              " join commit_row c using (table_id, first_seq, append_id)"};

constexpr Statement kAfter{"commit_row_after",
                           "select first_seq, n, append_id, (extract(epoch from at) * 1000000)::bigint, body::text"
                           " from commit_row where table_id = $1 and first_seq > $2 order by first_seq"};

// The row that holds `from` is the last one that begins at or before it.
constexpr Statement kHolding{
    "commit_row_holding",
    "select first_seq, n, append_id, (extract(epoch from at) * 1000000)::bigint, body::text"
    " from commit_row"
    " where table_id = $1 and first_seq <= $3 and first_seq + n > $2 and first_seq >= coalesce("
    "   (select max(first_seq) from commit_row where table_id = $1 and first_seq <= $2), 0)"
    " order by first_seq"};

// Nearest rows first over all tables, so that a busy table cannot keep the others out of the limit. The bodies are
// turned into text only after the limit was applied.
constexpr Statement kNewer{
    "commit_row_newer",
    "select table_id, first_seq, n, append_id, (extract(epoch from at) * 1000000)::bigint, body::text"
    " from (select r.* from unnest($1::uuid[], $2::bigint[]) as k (table_id, seq)"
    "       cross join lateral (select c.* from commit_row c"
    "         where c.table_id = k.table_id and c.first_seq > k.seq order by c.first_seq limit $3) r"
    "       order by r.first_seq - k.seq, r.table_id limit $3) nearest"
    " order by first_seq"};

template <class Fields>
host::Row row_of(Fields const &fields, int first) {
  return {.first_seq = static_cast<Seq>(fields[first].template as<std::int64_t>()),
          .n = static_cast<std::uint32_t>(fields[first + 1].template as<std::int32_t>()),
          .append_id = uuid_of(fields[first + 2]),
          .at = time_of(fields[first + 3]),
          .body = std::string(text_of(fields[first + 4]))};
}

/// Sequence numbers of the callers may be anything; those of the column are 63 bits.
std::string seq_text(Seq seq) {
  constexpr auto kMax = static_cast<Seq>(std::numeric_limits<std::int64_t>::max());
  return std::to_string(seq < kMax ? seq : kMax);
}

std::vector<host::Row> rows_of(pqxx::result const &found) {
  std::vector<host::Row> rows;
  rows.reserve(static_cast<std::size_t>(found.size()));
  for (auto const &fields : found) rows.push_back(row_of(fields, 0));
  return rows;
}

std::unordered_set<Uuid> marks(pqxx::result const &found) {
  std::unordered_set<Uuid> out;
  for (auto const &fields : found) out.insert(uuid_of(fields[0]));
  return out;
}

}  // namespace

std::unordered_set<Uuid> insert(Connection &connection, std::span<host::Append const *const> batch) {
  ArrayLiteral tables, first_seqs, ns, append_ids, ats;
  std::size_t body_bytes = 0;
  for (host::Append const *append : batch) body_bytes += append->body.size();
  JsonbArray bodies(batch.size(), body_bytes);
  for (host::Append const *append : batch) {
    tables.add(append->table.value);
    first_seqs.add(append->first_seq);
    ns.add(append->n);
    append_ids.add(append->append_id);
    ats.add(append->at);
    bodies.add(append->body);
  }
  std::array<std::string, 5> const parameters{std::move(tables).take(), std::move(first_seqs).take(),
                                              std::move(ns).take(), std::move(append_ids).take(),
                                              std::move(ats).take()};
  return marks(connection.run(kInsert, parameters, std::move(bodies).take()));
}

std::unordered_set<Uuid> find_ours(Connection &connection, std::span<host::Append const *const> batch) {
  ArrayLiteral tables, first_seqs, append_ids;
  for (host::Append const *append : batch) {
    tables.add(append->table.value);
    first_seqs.add(append->first_seq);
    append_ids.add(append->append_id);
  }
  return marks(connection.run(kFindOurs,
                              {std::move(tables).take(), std::move(first_seqs).take(), std::move(append_ids).take()}));
}

Result<std::vector<host::Row>> after(Connection &connection, TableId table, Seq seq) {
  return gapless(rows_of(connection.run(kAfter, {table.value.text(), seq_text(seq)})), table, seq);
}

Result<std::vector<host::Row>> holding(Connection &connection, TableId table, Seq from, Seq to) {
  return gapless(rows_of(connection.run(kHolding, {table.value.text(), seq_text(from), seq_text(to)})), table,
                 std::nullopt);
}

Result<std::vector<host::TableRow>> newer(Connection &connection, std::vector<std::pair<TableId, Seq>> const &known,
                                          std::size_t rows_max) {
  ArrayLiteral tables, seqs;
  for (auto const &[table, seq] : known) {
    tables.add(table.value);
    seqs.add(seq);
  }
  pqxx::result const found =
      connection.run(kNewer, {std::move(tables).take(), std::move(seqs).take(), std::to_string(rows_max)});
  std::vector<host::TableRow> rows;
  rows.reserve(static_cast<std::size_t>(found.size()));
  for (auto const &fields : found) rows.push_back({TableId(uuid_of(fields[0])), row_of(fields, 1)});
  return only_gapless(std::move(rows), known);
}

}  // namespace tableforge::storage::commit_rows
