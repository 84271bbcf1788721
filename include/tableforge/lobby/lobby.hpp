#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/result.hpp"
#include "tableforge/lobby/ports.hpp"
#include "tableforge/lobby/tokens.hpp"
#include "tableforge/metrics/catalogue.hpp"

namespace tableforge::lobby {

inline constexpr std::size_t kPageMax = 200;   ///< Tables of one page.
inline constexpr std::size_t kChunkMax = 201;  ///< Tables of one reading: a page, and whether it goes on behind it.
static_assert(kChunkMax > kPageMax);
inline constexpr std::size_t kHistoryMax = 200;  ///< Events of one page.
inline constexpr std::int64_t kUsesMax = 1'000;
inline constexpr std::chrono::seconds kInvitationLifetimeMin = std::chrono::seconds(1);
inline constexpr std::chrono::seconds kInvitationLifetimeMax = std::chrono::days(365);

/// Everything around the tables: who the players are, which tables there are, who may come to them, what happened.
///
/// It checks what it is given and keeps the books. Whether a player may invite to a table, rename it or read its
/// history is the table's own knowledge: the caller asks there first.
///
/// Threads: any. All but authenticate() block on the stores: call them from a pool.
/// Owns:    nothing; the stores outlive it.
/// Errors:  invalid for values out of bounds; beside those of the ports.
class Lobby {
 public:
  struct Ports {
    PlayerStore &players;
    TableDirectory &directory;
    InvitationStore &invitations;
    HistoryReader &history;
  };

  struct NewPlayer {
    PlayerRecord player;
    Token token;
  };

  struct NewInvitation {
    TableId table;
    table::Role role = table::Role::player;  ///< Any but owner.
    std::int64_t uses = 1;
    std::chrono::seconds expires_in = std::chrono::days(7);
  };

  Lobby(Ports ports, Tokens const &tokens, metrics::LobbyMetrics &metrics)
      : ports_(ports), tokens_(tokens), metrics_(metrics) {}

  Result<NewPlayer> create_player(std::string_view name, Time now);
  [[nodiscard]] Result<Identity> authenticate(std::string_view token, Time now) const;

  /// Open tables, newest first, behind `after`; `limit` 1 … kChunkMax.
  Result<Read<std::vector<TableRecord>>> list_tables(std::optional<TableId> after, std::size_t limit);
  /// To be called once the table's first event is committed: a listed table exists. Returns the change's number.
  Result<std::uint64_t> register_table(TableRecord const &table);
  /// Returns the change's number.
  Result<std::uint64_t> rename_table(TableId table, std::string_view name);

  Result<Invitation> invite(NewInvitation const &wanted, Time now);
  /// Capital letters are as good as small ones.
  Result<Invitation> redeem(std::string_view code, PlayerId player, Time now);

  /// Events from … on; `limit` 1 … kHistoryMax. They are the table's truths: each must pass through the projection of
  /// whoever asked before it leaves the server.
  Result<std::vector<table::Event>> history(TableId table, Seq from, std::size_t limit);

 private:
  Ports ports_;
  Tokens const &tokens_;
  metrics::LobbyMetrics &metrics_;
};

}  // namespace tableforge::lobby
