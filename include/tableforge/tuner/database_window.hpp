#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "tableforge/base/time.hpp"
#include "tableforge/tuner/ports/database.hpp"

namespace tableforge::tuner {

/// What happened between two looks at the database's own counters.
///
/// Threads: one; a value.
struct DatabaseWindow {
  Time since{};
  Time until{};
  std::map<std::int64_t, StatementTotal> statements;  ///< Those that were executed.
  std::map<std::string, TableTotal, std::less<>> tables;

  [[nodiscard]] double seconds() const { return std::chrono::duration<double>(until - since).count(); }
  [[nodiscard]] double total_ms() const;
  /// Of the same time, or of the time behind it.
  void merge(DatabaseWindow const &other);
};

/// Exact: counts are subtracted, and with them Σx² = calls · (deviation² + mean²). Of a statement whose count has
/// fallen the numbers were reset, and all that it has now is new. One that was not among the first 500 before is left
/// out, as nobody knows what of it is new.
[[nodiscard]] DatabaseWindow window_between(DatabaseTotals const &earlier, DatabaseTotals const &now, Time since,
                                            Time until);

/// Which columns a statement of ours gives new values to, if it updates this table at all; "*" among them for what
/// cannot be told.
[[nodiscard]] std::set<std::string, std::less<>> updated_columns(std::string_view sql, std::string_view table);
/// Whether it names the table.
[[nodiscard]] bool names_table(std::string_view sql, std::string_view table);
/// Whether it writes to the table.
[[nodiscard]] bool writes_table(std::string_view sql, std::string_view table);

}  // namespace tableforge::tuner
