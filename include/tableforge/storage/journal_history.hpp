#pragma once

#include "tableforge/host/ports/journal.hpp"
#include "tableforge/lobby/ports.hpp"

namespace tableforge::storage {

/// A table's events, read back from whichever journal.
///
/// Threads: any; blocks.
/// Owns:    nothing; the journal outlives it.
/// Errors:  those of the journal; corrupt for events that cannot be decoded.
class JournalHistory final : public lobby::HistoryReader {
 public:
  explicit JournalHistory(host::Journal &journal) : journal_(journal) {}

  Result<std::vector<table::Event>> events(TableId table, Seq from, std::size_t limit) override;

 private:
  host::Journal &journal_;
};

}  // namespace tableforge::storage
