#pragma once

#include <optional>
#include <string>

#include "tableforge/base/ids.hpp"
#include "tableforge/base/result.hpp"

namespace tableforge::host {

struct Snapshot {
  Seq seq = 0;
  std::string state;  ///< codec/state_document.hpp
};

/// Encoded states of tables, so that loading one need not replay its whole history. Only an optimisation: the journal
/// alone is the truth, and any snapshot may be missing.
///
/// Threads: any; every call blocks on the database, so call from a pool.
class SnapshotStore {
 public:
  virtual ~SnapshotStore() = default;

  virtual Result<std::optional<Snapshot>> newest(TableId table) = 0;

  /// Keeps it and prunes all but the newest two of that table.
  virtual Result<void> save(TableId table, Snapshot snapshot) = 0;
};

}  // namespace tableforge::host
