#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/result.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/tuner/moments.hpp"
#include "tableforge/tuner/ports/index_spec.hpp"

namespace tableforge::tuner {

/// What one statement has cost since its numbers were reset.
struct StatementTotal {
  std::int64_t id = 0;
  std::string text;  ///< Normalised, and cut: to be recognised by, not to be executed.
  Moments time_ms;
  double blocks = 0;  ///< Looked at, in memory or not.
  double rows = 0;
};

/// What was done to a table since its numbers were reset.
struct TableTotal {
  std::string name;
  double rows = 0;
  double inserted = 0;
  double updated = 0;      ///< Of these
  double updated_hot = 0;  ///< needed no entry in any index.
  double deleted = 0;
  double indexes = 0;
  double changed_since_analyze = 0;
  bool analyzed = false;
};

struct DatabaseTotals {
  std::vector<StatementTotal> statements;
  std::vector<TableTotal> tables;
};

/// What the server lacks, in words for an operator; empty for what it has.
struct DatabaseAbilities {
  std::string no_statements;
  std::string no_pricing;
};

/// One of our own statements, with values that it was really asked with.
struct SampledStatement {
  std::string name;
  std::string sql;
  std::vector<std::vector<std::string>> binds;
};

/// How a plan looks at a table, and so what an index could do for it.
struct Scan {
  std::string table;
  std::vector<std::string> equal;   ///< Columns that are compared with one value,
  std::vector<std::string> range;   ///< with a range,
  std::vector<std::string> sorted;  ///< and by which its rows are sorted afterwards, all the same way.
};

struct StatementPlan {
  std::int64_t id = 0;  ///< As in StatementTotal.
  double cost = 0;      ///< As the planner counts, in the mean over the values.
  std::vector<Scan> scans;
  double index_bytes = 0;  ///< Of the index that was assumed, by estimate.
};

/// An index of the tuner's that is in the catalogue.
struct AutoIndex {
  IndexSpec spec;
  std::string name;
  bool valid = false;
  bool being_built = false;
  bool kept = false;  ///< The last word of any instance's record is that it stays.
  double bytes = 0;
};

struct BuildState {
  enum class What : std::uint8_t { none, under_way, built, failed };
  What what = What::none;
  double bytes = 0;  ///< Of what there is so far.
};

/// What decides whether a build may begin.
struct BuildPremises {
  double database_bytes = 0;
  double oldest_transaction_s = 0;  ///< CREATE INDEX CONCURRENTLY would wait for it.
  double builds_today = 0;          ///< Of all instances, by the record, in 24 h.
};

/// A knob that is left alone, since what was tried with it was reverted.
struct Quarantine {
  std::string knob;
  Time until{};
  int days = 0;
  std::string reason;
};

/// PostgreSQL as the tuner of its indexes reaches it.
///
/// Threads: one, the tuner's. Calls may block for as long as a question does; a build does not.
/// Errors:  unavailable, timeout and the like; `forbidden` for what the role may not do.
class Database {
 public:
  virtual ~Database() = default;

  [[nodiscard]] virtual Result<DatabaseAbilities> abilities() = 0;
  /// Of statements those that took most time, 500 at most.
  [[nodiscard]] virtual Result<DatabaseTotals> totals() = 0;
  /// Reading statements; asks nobody.
  [[nodiscard]] virtual std::vector<SampledStatement> sampled() = 0;
  /// What the planner makes of the real values; with `assumed`, as if there were that index.
  [[nodiscard]] virtual Result<StatementPlan> explain(SampledStatement const &statement, IndexSpec const *assumed) = 0;

  /// Whether this process is the one that tunes the database of this deployment; asks for it if nobody is.
  [[nodiscard]] virtual Result<bool> lead() = 0;
  [[nodiscard]] virtual Result<std::vector<AutoIndex>> auto_indexes() = 0;
  [[nodiscard]] virtual Result<BuildPremises> premises() = 0;

  /// Begins to build in the background, behind a fresh ANALYZE. conflict while another one is being built.
  [[nodiscard]] virtual Result<void> begin_build(IndexSpec const &spec) = 0;
  /// Of the latest build. What failed has left nothing behind once this says so, or is told as an error.
  [[nodiscard]] virtual Result<BuildState> build_state() = 0;
  /// The build ends soon, and fails. Does nothing if there is none.
  virtual void cancel_build() = 0;
  /// Takes away an index of ours, however it stands; one that is being built is stopped first, which is `unavailable`
  /// until it has ended. Fine if there is none. forbidden for a name that is not ours.
  [[nodiscard]] virtual Result<void> drop(std::string_view name) = 0;
  /// Takes away what builds that died have left: ours, invalid, and not being built. How many there were.
  [[nodiscard]] virtual Result<int> drop_leftovers() = 0;

  [[nodiscard]] virtual Result<std::vector<Quarantine>> quarantined() = 0;
  [[nodiscard]] virtual Result<void> quarantine(Quarantine const &quarantine) = 0;
};

}  // namespace tableforge::tuner
