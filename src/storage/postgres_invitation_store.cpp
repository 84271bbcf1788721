#include <string>

#include "tableforge/log/log.hpp"
#include "tableforge/storage/postgres_lobby_stores.hpp"

#include "storage/connections.hpp"
#include "storage/row_values.hpp"

namespace tableforge::storage {

namespace {

constexpr Statement kAddInvitation{"invitation_add",
                                   "insert into invitation as i (code, table_id, role, uses_left, expires_at)"
                                   " values ($1, $2, $3, $4, $5) on conflict (code) do update set role = i.role"
                                   " where i.table_id = excluded.table_id and i.role = excluded.role"
                                   " and i.expires_at = excluded.expires_at returning code"};
// The lock makes the players of one code take turns, and ends with the transaction.
constexpr Statement kLockInvitation{
    "invitation_lock",
    "select table_id, role, uses_left, (extract(epoch from expires_at) * 1000000)::bigint"
    " from invitation where code = $1 for update"};
constexpr Statement kUse{"invitation_use_add",
                         "insert into invitation_use (code, player_id, used_at) values ($1, $2, $3)"
                         " on conflict do nothing returning code"};
constexpr Statement kTake{"invitation_take", "update invitation set uses_left = uses_left - 1 where code = $1"};

/// One answer for all, so that guessing codes teaches nothing.
std::unexpected<Error> no_such() { return fail(Errc::not_found, "there is no such invitation"); }

}  // namespace

Result<void> PostgresInvitationStore::add(lobby::Invitation const &invitation) {
  return pool_.connections().ask("invitation_add", [&](Connection &session) -> Result<void> {
    pqxx::result const added =
        session.run(kAddInvitation, {invitation.code, invitation.table.value.text(), std::string(word(invitation.role)),
                                     std::to_string(invitation.uses_left), to_rfc3339(invitation.expires_at)});
    if (added.empty()) return fail(Errc::conflict, "there is another invitation with this code");
    return {};
  });
}

Result<lobby::Invitation> PostgresInvitationStore::redeem(std::string_view code, PlayerId player, Time now) {
  std::string const text(code);
  return pool_.connections().ask("invitation_redeem", [&](Connection &session) {
    return session.atomically([&]() -> Result<lobby::Invitation> {
      pqxx::result const found = session.run(kLockInvitation, {text});
      if (found.empty()) return no_such();
      auto const role = from_word<table::Role>(text_of(found[0][1]));
      if (!role) {
        log::error("an invitation's role is unknown", {{"role", text_of(found[0][1])}});
        return fail(Errc::corrupt, "an invitation's role is unknown");
      }
      lobby::Invitation invitation{.code = text,
                                   .table = TableId(uuid_of(found[0][0])),
                                   .role = *role,
                                   .uses_left = found[0][2].as<std::int64_t>(),
                                   .expires_at = time_of(found[0][3])};
      if (invitation.expires_at <= now) return no_such();
      if (session.run(kUse, {text, player.value.text(), to_rfc3339(now)}).empty()) return invitation;
      // Returning an error takes the use back as well.
      if (invitation.uses_left <= 0) return no_such();
      session.run(kTake, {text});
      --invitation.uses_left;
      return invitation;
    });
  });
}

}  // namespace tableforge::storage
