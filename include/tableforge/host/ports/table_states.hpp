#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "tableforge/base/ids.hpp"
#include "tableforge/table/state.hpp"

namespace tableforge::host {

/// A committed state of a table: as it was, or, if another instance kept it, as a document that nobody has read yet.
/// Copying a state takes 2 us and reading the document of the same 400, which is for a pool's thread.
struct KeptState {
  Seq seq = 0;           ///< The last of its row.
  Seq snapshot_seq = 0;  ///< Of the newest snapshot that was stored by then; 0: none.
  std::shared_ptr<table::State const> state = nullptr;
  std::string document = {};  ///< codec/state_document.hpp; if there is no state.
};

/// States of tables at hand, so that loading one need not read and replay what came before. Only an optimisation, more
/// so than snapshots: what came behind a state is always read from the journal, so an old one makes a load longer and
/// never a table wrong, and any may be missing at any time.
///
/// Threads: the shard's.
/// Errors:  none; what is not at hand is not there.
class TableStates {
 public:
  virtual ~TableStates() = default;

  /// Null: none.
  [[nodiscard]] virtual boost::asio::awaitable<std::shared_ptr<KeptState const>> find(TableId table) = 0;
  /// Instead of older ones; a newer one stays.
  [[nodiscard]] virtual boost::asio::awaitable<void> keep(TableId table, std::shared_ptr<KeptState const> state) = 0;
  /// Whether what is kept is found by another process too, such as the one that follows this one.
  [[nodiscard]] virtual bool outlives_us() const = 0;
  /// What was found up to this seq is of no use.
  [[nodiscard]] virtual boost::asio::awaitable<void> forget(TableId table, Seq seq) = 0;
};

}  // namespace tableforge::host
