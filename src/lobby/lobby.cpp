#include "tableforge/lobby/lobby.hpp"

#include <utility>

#include "lobby/invitation_code.hpp"
#include "lobby/names.hpp"

namespace tableforge::lobby {

Result<Lobby::NewPlayer> Lobby::create_player(std::string_view name, Time now) {
  if (!valid_name(name)) return fail(Errc::invalid, "a name has 1 to 64 characters, none of them a control character");
  PlayerRecord player{.id = PlayerId(Uuid::random()), .name = std::string(name), .created_at = now};
  // First the token: a player without one could never come back, a token for nobody is never handed out.
  auto token = tokens_.issue(player, now);
  if (!token) return std::unexpected(token.error());
  if (auto const added = ports_.players.add(player); !added) return std::unexpected(added.error());
  metrics_.players_created.add();
  return NewPlayer{.player = std::move(player), .token = std::move(*token)};
}

Result<Identity> Lobby::authenticate(std::string_view token, Time now) const { return tokens_.verify(token, now); }

Result<Read<std::vector<TableRecord>>> Lobby::list_tables(std::optional<TableId> after, std::size_t limit) {
  if (limit == 0 || limit > kChunkMax) return fail(Errc::invalid, "one reads 1 to 201 tables");
  return ports_.directory.page(after, limit);
}

Result<std::uint64_t> Lobby::register_table(TableRecord const &table) {
  if (!valid_name(table.name)) {
    return fail(Errc::invalid, "a table's name has 1 to 64 characters, none of them a control character");
  }
  auto const added = ports_.directory.add(table);
  if (added) metrics_.tables_created.add();
  return added;
}

Result<std::uint64_t> Lobby::rename_table(TableId table, std::string_view name) {
  if (!valid_name(name)) {
    return fail(Errc::invalid, "a table's name has 1 to 64 characters, none of them a control character");
  }
  return ports_.directory.rename(table, name);
}

Result<Invitation> Lobby::invite(NewInvitation const &wanted, Time now) {
  if (wanted.role == table::Role::owner) return fail(Errc::invalid, "nobody becomes an owner by invitation");
  if (wanted.uses < 1 || wanted.uses > kUsesMax) return fail(Errc::invalid, "an invitation has 1 to 1000 uses");
  if (wanted.expires_in < kInvitationLifetimeMin || wanted.expires_in > kInvitationLifetimeMax) {
    return fail(Errc::invalid, "an invitation lasts from one second to one year");
  }
  Invitation invitation{.code = make_invitation_code(),
                        .table = wanted.table,
                        .role = wanted.role,
                        .uses_left = wanted.uses,
                        .expires_at = now + wanted.expires_in};
  if (auto const added = ports_.invitations.add(invitation); !added) return std::unexpected(added.error());
  metrics_.invitations_created.add();
  return invitation;
}

Result<Invitation> Lobby::redeem(std::string_view code, PlayerId player, Time now) {
  std::string const read = read_invitation_code(code);
  // The same words as the store's, so that nothing is learnt from them.
  if (read.empty()) return fail(Errc::not_found, "there is no such invitation");
  auto invitation = ports_.invitations.redeem(read, player, now);
  if (invitation) metrics_.invitations_accepted.add();
  return invitation;
}

Result<std::vector<table::Event>> Lobby::history(TableId table, Seq from, std::size_t limit) {
  if (limit == 0 || limit > kHistoryMax) return fail(Errc::invalid, "a page has 1 to 200 events");
  return ports_.history.events(table, from, limit);
}

}  // namespace tableforge::lobby
