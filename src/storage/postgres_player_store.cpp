#include <string>

#include "tableforge/storage/postgres_lobby_stores.hpp"

#include "storage/connections.hpp"
#include "storage/row_values.hpp"

namespace tableforge::storage {

namespace {

// Adding the same again is no conflict: a question may be asked twice. A row comes back unless another one stands
// there.
constexpr Statement kAddPlayer{"player_add",
                               "insert into player (id, name, created_at) values ($1, $2, $3)"
                               " on conflict (id) do update set name = player.name"
                               " where player.name = excluded.name and player.created_at = excluded.created_at"
                               " returning id"};
constexpr Statement kFindPlayer{"player_find",
                                "select id, name, (extract(epoch from created_at) * 1000000)::bigint"
                                " from player where id = $1"};

}  // namespace

Result<void> PostgresPlayerStore::add(lobby::PlayerRecord const &player) {
  return pool_.connections().ask("player_add", [&](Connection &session) -> Result<void> {
    if (session.run(kAddPlayer, {player.id.value.text(), player.name, to_rfc3339(player.created_at)}).empty()) {
      return fail(Errc::conflict, "there is another player with this id");
    }
    return {};
  });
}

Result<std::optional<lobby::PlayerRecord>> PostgresPlayerStore::find(PlayerId player) {
  return pool_.connections().ask("player_find", [&](Connection &session) -> Result<std::optional<lobby::PlayerRecord>> {
    pqxx::result const found = session.run(kFindPlayer, {player.value.text()});
    if (found.empty()) return std::nullopt;
    return lobby::PlayerRecord{.id = PlayerId(uuid_of(found[0][0])),
                               .name = std::string(text_of(found[0][1])),
                               .created_at = time_of(found[0][2])};
  });
}

}  // namespace tableforge::storage
