#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tableforge/base/ids.hpp"
#include "tableforge/base/result.hpp"
#include "tableforge/base/time.hpp"

namespace tableforge::host {

/// The events first_seq … first_seq + n - 1 of one table, to be committed together or not at all.
struct Append {
  TableId table;
  Seq first_seq = 0;
  std::uint32_t n = 0;
  Uuid append_id;  ///< The writer's own mark, by which it recognises its row after an unknown outcome.
  Time at;
  std::string body;  ///< The events in their disk form (codec/event_body.hpp), a JSON array.
};

enum class Appended : std::uint8_t {
  committed,  ///< Durable. Only now may anybody see an effect.
  lost,       ///< Another writer has that first_seq; read what it wrote and decide again.
  refused,    ///< The database can never take this body; the events did not happen.
  cancelled,  ///< The journal was closed before the outcome was known.
};

/// An append with the one who waits for its outcome.
struct Appending {
  /// Called exactly once, on a thread of the journal; must not block.
  using Done = std::move_only_function<void(Appended)>;

  Append append;
  Done done;
};

/// One committed row.
struct Row {
  Seq first_seq = 0;
  std::uint32_t n = 0;
  Uuid append_id;
  Time at;
  std::string body;
};

struct TableRow {
  TableId table;
  Row row;
};

/// The durable, ordered history of all tables. The key (table, first_seq) is the compare-and-set: who writes it first
/// wins, and there is no other authority. An outcome that a lost connection left unknown is found out by repeating
/// the append, not reported: while the database is away an append simply stays pending.
///
/// Threads: append() and available() from any thread, never blocking. The readers block; call them from a pool.
/// Bounds:  the caller has at most one append per table in flight, which bounds the queue by the open tables.
class Journal {
 public:
  using Done = Appending::Done;

  virtual ~Journal() = default;

  /// Of different tables. That they come together only saves work: each has its own outcome, in any order.
  virtual void append(std::vector<Appending> appends) = 0;
  void append(Append append, Done done) {
    std::vector<Appending> alone;
    alone.push_back({std::move(append), std::move(done)});
    this->append(std::move(alone));
  }

  /// Whether the database answered the last time it was asked.
  [[nodiscard]] virtual bool available() const = 0;

  /// All rows of one table behind `after` (which is the last seq of a row, or 0), in order and without a gap.
  virtual Result<std::vector<Row>> rows_after(TableId table, Seq after) = 0;

  /// The rows that hold the events from … to, in order; whole rows, so the ends may reach beyond.
  virtual Result<std::vector<Row>> rows_holding(TableId table, Seq from, Seq to) = 0;

  /// For each (table, last seq known): the rows behind it, in order per table; in one statement. At most `rows_max`
  /// rows in all; what is missing comes with the next call.
  virtual Result<std::vector<TableRow>> rows_newer(std::vector<std::pair<TableId, Seq>> known,
                                                   std::size_t rows_max) = 0;
};

}  // namespace tableforge::host
