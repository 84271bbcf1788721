#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tableforge/base/guarded.hpp"
#include "tableforge/host/ports/journal.hpp"
#include "tableforge/runtime/flushable.hpp"
#include "tableforge/runtime/shard.hpp"

namespace tableforge::host {

/// A table, as far as the batch knows it.
class Appender {
 public:
  /// At the turn's end: what is to be committed next, if there still is something.
  virtual std::optional<Append> next_append() = 0;
  /// In a later turn: what became of it.
  virtual void appended(Appended outcome) = 0;

 protected:
  ~Appender() = default;
};

/// The appends of one shard: what its tables decided during a turn goes to the journal together at the turn's end,
/// before anything is written to a socket, and outcomes that are there together come back in one turn.
///
/// Each table that decided something during a turn makes one row of it, so busy turns make fewer and larger rows.
///
/// Threads: the shard's only.
/// Owns:    nothing of the tables; one that is gone by then is passed over.
/// Bounds:  one append per table is under way, which the tables see to.
/// Errors:  as the journal's outcomes tell.
class AppendBatch final : public runtime::Flushable {
 public:
  AppendBatch(runtime::Shard &shard, Journal &journal) : shard_(shard), journal_(journal) {}

  /// `appender` is asked for its next append at the end of this turn, once for each call.
  void add(std::weak_ptr<Appender> appender);
  /// Hands over what was added.
  void flush() override;

 private:
  struct Outcome {
    std::weak_ptr<Appender> appender;
    Appended appended;
  };
  /// What the journal answered and the shard has not seen yet. Shared, because the journal may outlive this.
  using Outcomes = Guarded<std::vector<Outcome>>;

  static void tell(Outcomes &outcomes);

  runtime::Shard &shard_;
  Journal &journal_;
  std::vector<std::weak_ptr<Appender>> due_;
  std::shared_ptr<Outcomes> outcomes_ = std::make_shared<Outcomes>();
};

}  // namespace tableforge::host
