#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tableforge/storage/connection_pool.hpp"
#include "tableforge/tuner/ports/record.hpp"

namespace tableforge::storage {

class SpoolFile;

/// The tuner's record in PostgreSQL, and in a local file while that is away.
///
/// An intent is not spooled: without the database nothing is tried, since all that is measured goes through it. What
/// ends a trial, an operator's word and an observation are: they are written in their order when the database is back,
/// by this process or the next one here.
///
/// Threads: one.
/// Owns:    the spool. The pool outlives it.
/// Bounds:  `spool_bytes_max` of the spool; past it observations and all else are refused.
/// Errors:  those of the pool for intents and questions, and of the spool.
class PostgresTunerRecord final : public tuner::Record {
 public:
  struct Options {
    std::string instance;  ///< Whose knobs: of this process, and of the next one in its place.
    std::filesystem::path spool;
    std::size_t spool_bytes_max = 16 * 1024 * 1024;
  };

  PostgresTunerRecord(ConnectionPool &pool, Options options);
  ~PostgresTunerRecord() override;

  [[nodiscard]] Result<void> append(tuner::Action const &action) override;
  [[nodiscard]] Result<std::vector<tuner::Action>> unfinished(std::string_view domain) override;
  [[nodiscard]] Result<void> remember(tuner::KnobState const &state) override;
  [[nodiscard]] Result<std::vector<tuner::KnobState>> recall(std::string_view domain) override;
  [[nodiscard]] Result<void> note(std::string_view domain, tuner::Observation const &observation) override;

  /// The latest lines, the newest first.
  [[nodiscard]] Result<std::vector<tuner::Action>> history(std::size_t limit);
  /// Lines that wait for the database.
  [[nodiscard]] std::size_t spooled() const;
  /// Writes them. An error leaves what is not written where it is.
  [[nodiscard]] Result<void> settle();

 private:
  struct Line;
  [[nodiscard]] Result<void> write(Line const &line);
  [[nodiscard]] Result<void> write_or_spool(Line const &line);

  ConnectionPool &pool_;
  std::string instance_;
  std::unique_ptr<SpoolFile> spool_;
};

}  // namespace tableforge::storage
