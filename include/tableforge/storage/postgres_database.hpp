#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/storage/bind_samples.hpp"
#include "tableforge/tuner/ports/database.hpp"

namespace tableforge::storage {

/// The tuner's database as PostgreSQL 15 and later tell of it: pg_stat_statements, pg_stat_user_tables, EXPLAIN with
/// HypoPG, CREATE INDEX CONCURRENTLY.
///
/// Questions go through a session of its own, by the name of `tableforge-tuner`, which also holds the advisory lock of
/// whoever leads; a build has another one, by the name of `tableforge-index`. The server ends that build by itself some
/// seconds after this process has died.
///
/// Threads: one.
/// Owns:    both sessions and the thread of a build. Its end stops the build and waits for it. The samples outlive it.
/// Bounds:  see Options; a question takes 10 s at most.
/// Errors:  those of the port.
class PostgresDatabase final : public tuner::Database {
 public:
  struct Options {
    std::string url;
    std::chrono::milliseconds question_timeout{10'000};
    /// Of the whole build.
    std::chrono::milliseconds build_timeout{3'600'000};
    /// CREATE INDEX CONCURRENTLY waits for locks and, by the same setting, for every transaction that is older than its
    /// steps: with 1 s it fails wherever a statement takes as long. It blocks nobody while it waits.
    std::chrono::milliseconds lock_timeout{60'000};
  };

  PostgresDatabase(Options options, BindSamples const &samples, metrics::StorageMetrics &metrics);
  ~PostgresDatabase() override;

  [[nodiscard]] Result<tuner::DatabaseAbilities> abilities() override;
  [[nodiscard]] Result<tuner::DatabaseTotals> totals() override;
  [[nodiscard]] std::vector<tuner::SampledStatement> sampled() override;
  [[nodiscard]] Result<tuner::StatementPlan> explain(tuner::SampledStatement const &statement,
                                                     tuner::IndexSpec const *assumed) override;
  [[nodiscard]] Result<bool> lead() override;
  [[nodiscard]] Result<std::vector<tuner::AutoIndex>> auto_indexes() override;
  [[nodiscard]] Result<tuner::BuildPremises> premises() override;
  [[nodiscard]] Result<void> begin_build(tuner::IndexSpec const &spec) override;
  [[nodiscard]] Result<tuner::BuildState> build_state() override;
  void cancel_build() override;
  [[nodiscard]] Result<void> drop(std::string_view name) override;
  [[nodiscard]] Result<int> drop_leftovers() override;
  [[nodiscard]] Result<std::vector<tuner::Quarantine>> quarantined() override;
  [[nodiscard]] Result<void> quarantine(tuner::Quarantine const &quarantine) override;

 private:
  class Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace tableforge::storage
