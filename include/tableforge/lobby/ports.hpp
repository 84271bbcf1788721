#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/ids.hpp"
#include "tableforge/base/result.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/table/event.hpp"
#include "tableforge/table/kinds.hpp"

/// What the lobby needs stored. All calls block on the database: call them from a pool, from any thread.
///
/// Errors: adding the same again is fine, because a call whose answer was lost is made twice; another record under an
///         id that is taken is `conflict`. Renaming what is not there is `not_found`.
namespace tableforge::lobby {

/// What was read, and which changes it has seen: all whose number is below `version`. It may have seen others too.
template <class T>
struct Read {
  T value;
  std::uint64_t version = 0;
  Time at{};  ///< When, by the store's clock.
};

struct PlayerRecord {
  PlayerId id;
  std::string name;
  Time created_at;
};

class PlayerStore {
 public:
  virtual ~PlayerStore() = default;
  virtual Result<void> add(PlayerRecord const &player) = 0;
  virtual Result<std::optional<PlayerRecord>> find(PlayerId player) = 0;
};

/// A table as the lobby lists it.
struct TableRecord {
  TableId id;
  std::string name;
  SystemId system;
  table::Listing listing = table::Listing::open;
  PlayerId owner;
  Time created_at;
  Time changed_at{};  ///< When the directory last took a change of it, by the directory's clock. Only it writes this.
};

/// Changes are numbered, which add() and rename() answer, so that a reader can tell what it has seen of them.
class TableDirectory {
 public:
  virtual ~TableDirectory() = default;
  virtual Result<std::uint64_t> add(TableRecord const &table) = 0;
  virtual Result<std::uint64_t> rename(TableId table, std::string_view name) = 0;
  virtual Result<std::optional<TableRecord>> find(TableId table) = 0;
  /// Open tables, newest first, behind `after` (the last id of the page before); at most `limit`.
  virtual Result<Read<std::vector<TableRecord>>> page(std::optional<TableId> after, std::size_t limit) = 0;
};

struct Invitation {
  std::string code;
  TableId table;
  table::Role role = table::Role::player;
  std::int64_t uses_left = 1;
  Time expires_at;
};

class InvitationStore {
 public:
  virtual ~InvitationStore() = default;
  virtual Result<void> add(Invitation const &invitation) = 0;
  /// Takes one use for this player, atomically. A player who used the code before gets it again without a use.
  /// Errors: not_found for an unknown, used-up or expired code (the same for all three).
  virtual Result<Invitation> redeem(std::string_view code, PlayerId player, Time now) = 0;
};

/// The events from … on, `limit` of them if there are so many, of a table whose committed ones go to `head` at least.
struct EventRange {
  TableId table;
  Seq from = 1;
  std::size_t limit = 0;
  Seq head = 0;
};

/// What is made of events for whoever asked. Called where blocking is fine.
using EventsRender = std::function<std::string(std::span<table::Event const>)>;

/// Committed events of a table, for reading back.
class HistoryReader {
 public:
  virtual ~HistoryReader() = default;
  /// Events from … (at most `limit`), in order; empty beyond the head.
  virtual Result<std::vector<table::Event>> events(TableId table, Seq from, std::size_t limit) = 0;
};

}  // namespace tableforge::lobby
