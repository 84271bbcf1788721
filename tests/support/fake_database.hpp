#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tableforge/tuner/database_window.hpp"
#include "tableforge/tuner/ports/database.hpp"

namespace tableforge::test {

/// A database whose costs are known: what all sessions of it share.
///
/// A read costs `ms`, or `indexed_ms` once there is an index that begins with the columns it compares. A write costs
/// more for each index, and stays HOT only while no index has a column that it changes.
struct FakeServer {
  struct Read {
    std::int64_t id = 0;
    tuner::SampledStatement statement;
    tuner::Scan scan;
    double ms = 1;
    double indexed_ms = 1;   ///< What it comes to cost with the index,
    double promised_ms = 1;  ///< and what the planner says.
    double per_second = 0;
  };
  struct Write {
    std::int64_t id = 0;
    std::string sql;
    std::string table;
    std::vector<std::string> changes;  ///< What it really changes, whatever the text says.
    double ms = 0.1;
    double per_second = 0;
  };
  struct Index {
    tuner::IndexSpec spec;
    bool valid = true;
    bool kept = false;
  };

  std::vector<Read> reads;
  std::vector<Write> writes;
  std::map<std::string, tuner::TableTotal> tables;
  std::map<std::string, Index> indexes;  ///< By name; of the tuner's.
  std::map<std::string, tuner::Quarantine> quarantines;
  std::map<std::int64_t, tuner::StatementTotal> totals;
  tuner::DatabaseAbilities able;
  tuner::BuildPremises premises{.database_bytes = 1e9, .oldest_transaction_s = 0, .builds_today = 0};
  void const *leader = nullptr;
  double index_bytes = 1e6;
  double built_bytes = 1e6;
  int polls_to_build = 2;
  int builds = 0;
  unsigned tick = 0;

  [[nodiscard]] static bool helps(tuner::IndexSpec const &spec, tuner::Scan const &scan) {
    if (spec.table != scan.table) return false;
    auto const &needed = scan.equal.empty() ? scan.range : scan.equal;
    return !needed.empty() && spec.columns.front() == needed.front();
  }
  [[nodiscard]] bool is_indexed(tuner::Scan const &scan) const {
    return std::ranges::any_of(indexes,
                               [&](auto const &each) { return each.second.valid && helps(each.second.spec, scan); });
  }

  void execute(std::int64_t id, std::string const &sql, double ms, double blocks, int times) {
    auto &total = totals[id];
    total.id = id;
    total.text = sql;
    for (int i = 0; i < times; ++i) {
      // Spread by a tenth to both sides, the same each time.
      total.time_ms.add(ms * (0.9 + 0.02 * static_cast<double>(++tick * 7 % 11)));
    }
    total.blocks += blocks * times;
    total.rows += times;
  }
  void read(Read const &each, int times) {
    double const ms = is_indexed(each.scan) ? each.indexed_ms : each.ms;
    execute(each.id, each.statement.sql, ms, ms * 10, times);
  }
  void write(Write const &each, int times) {
    auto &table = tables[each.table];
    double entries = 0;
    bool hot = true;
    for (auto const &[name, index] : indexes) {
      if (!index.valid || index.spec.table != each.table) continue;
      for (std::string const &column : index.spec.columns) {
        if (std::ranges::find(each.changes, column) != each.changes.end()) hot = false;
      }
      entries += 1;
    }
    table.name = each.table;
    table.updated += times;
    if (hot) table.updated_hot += times;
    execute(each.id, each.sql, each.ms + (hot ? 0 : 0.02 * (entries + 1)), 3, times);
  }
  void pass(double seconds) {
    for (Read const &each : reads) read(each, static_cast<int>(each.per_second * seconds));
    for (Write const &each : writes) write(each, static_cast<int>(each.per_second * seconds));
  }
};

/// One session of it.
class FakeDatabase final : public tuner::Database {
 public:
  explicit FakeDatabase(FakeServer &server) : server_(server) {}
  ~FakeDatabase() override {
    if (server_.leader == this) server_.leader = nullptr;
  }
  FakeDatabase(FakeDatabase const &) = delete;
  FakeDatabase &operator=(FakeDatabase const &) = delete;

  [[nodiscard]] Result<tuner::DatabaseAbilities> abilities() override { return server_.able; }
  [[nodiscard]] Result<tuner::DatabaseTotals> totals() override {
    tuner::DatabaseTotals totals;
    for (auto const &[id, each] : server_.totals) totals.statements.push_back(each);
    for (auto const &[name, each] : server_.tables) totals.tables.push_back(each);
    return totals;
  }
  [[nodiscard]] std::vector<tuner::SampledStatement> sampled() override {
    std::vector<tuner::SampledStatement> all;
    for (auto const &each : server_.reads) all.push_back(each.statement);
    return all;
  }
  [[nodiscard]] Result<tuner::StatementPlan> explain(tuner::SampledStatement const &statement,
                                                     tuner::IndexSpec const *assumed) override {
    for (auto const &each : server_.reads) {
      if (each.statement.name != statement.name) continue;
      bool const there = server_.is_indexed(each.scan);
      bool const helped = assumed != nullptr && FakeServer::helps(*assumed, each.scan);
      double const ms = there ? each.indexed_ms : helped ? each.promised_ms : each.ms;
      return tuner::StatementPlan{.id = each.id,
                                  .cost = ms * 100,
                                  .scans = {each.scan},
                                  .index_bytes = assumed != nullptr ? server_.index_bytes : 0};
    }
    return fail(Errc::invalid, "there is no such statement");
  }

  [[nodiscard]] Result<bool> lead() override {
    if (server_.leader == nullptr) server_.leader = this;
    return server_.leader == this;
  }
  [[nodiscard]] Result<std::vector<tuner::AutoIndex>> auto_indexes() override {
    std::vector<tuner::AutoIndex> all;
    for (auto const &[name, index] : server_.indexes) {
      all.push_back({.spec = index.spec,
                     .name = name,
                     .valid = index.valid,
                     .being_built = building_ && name == building_->name(),
                     .kept = index.kept,
                     .bytes = server_.built_bytes});
    }
    return all;
  }
  [[nodiscard]] Result<tuner::BuildPremises> premises() override { return server_.premises; }

  [[nodiscard]] Result<void> begin_build(tuner::IndexSpec const &spec) override {
    if (!spec.valid()) return fail(Errc::invalid, "it is no index that can be built");
    if (building_) return fail(Errc::conflict, "another index is being built");
    if (server_.indexes.contains(spec.name())) {
      what_ = tuner::BuildState::What::failed;
      return {};
    }
    building_ = spec;
    polls_ = 0;
    ++server_.builds;
    what_ = tuner::BuildState::What::under_way;
    server_.indexes[spec.name()] = {.spec = spec, .valid = false, .kept = false};
    return {};
  }
  [[nodiscard]] Result<tuner::BuildState> build_state() override {
    if (building_ && ++polls_ >= server_.polls_to_build) {
      server_.indexes[building_->name()].valid = true;
      building_.reset();
      what_ = tuner::BuildState::What::built;
    }
    return tuner::BuildState{what_, server_.built_bytes};
  }
  void cancel_build() override {
    if (!building_) return;
    server_.indexes.erase(building_->name());
    building_.reset();
    what_ = tuner::BuildState::What::failed;
  }
  [[nodiscard]] Result<void> drop(std::string_view name) override {
    if (!name.starts_with(tuner::IndexSpec::kNamePrefix)) {
      return fail(Errc::forbidden, "an index that is not the tuner's is not dropped");
    }
    if (building_ && building_->name() == name) cancel_build();
    server_.indexes.erase(std::string(name));
    return {};
  }
  [[nodiscard]] Result<int> drop_leftovers() override {
    return static_cast<int>(std::erase_if(server_.indexes, [&](auto const &each) {
      return !each.second.valid && !(building_ && building_->name() == each.first);
    }));
  }
  [[nodiscard]] Result<std::vector<tuner::Quarantine>> quarantined() override {
    std::vector<tuner::Quarantine> all;
    for (auto const &[knob, each] : server_.quarantines) all.push_back(each);
    return all;
  }
  [[nodiscard]] Result<void> quarantine(tuner::Quarantine const &quarantine) override {
    server_.quarantines[quarantine.knob] = quarantine;
    return {};
  }

 private:
  FakeServer &server_;
  std::optional<tuner::IndexSpec> building_;
  tuner::BuildState::What what_ = tuner::BuildState::What::none;
  int polls_ = 0;
};

}  // namespace tableforge::test
