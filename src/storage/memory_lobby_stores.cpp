#include "tableforge/storage/memory_lobby_stores.hpp"

#include <algorithm>
#include <utility>

namespace tableforge::storage {

Result<void> MemoryPlayerStore::add(lobby::PlayerRecord const &player) {
  return players_.with([&](auto &players) -> Result<void> {
    auto const [at, added] = players.emplace(player.id, player);
    if (!added && (at->second.name != player.name || at->second.created_at != player.created_at)) {
      return fail(Errc::conflict, "there is another player with this id");
    }
    return {};
  });
}

Result<std::optional<lobby::PlayerRecord>> MemoryPlayerStore::find(PlayerId player) {
  return players_.with([&](auto const &players) -> std::optional<lobby::PlayerRecord> {
    auto const found = players.find(player);
    if (found == players.end()) return std::nullopt;
    return found->second;
  });
}

Result<std::uint64_t> MemoryTableDirectory::add(lobby::TableRecord const &table) {
  return directory_.with([&](Directory &directory) -> Result<std::uint64_t> {
    auto const [at, added] = directory.tables.emplace(table.id, table);
    if (!added && (at->second.owner != table.owner || at->second.created_at != table.created_at)) {
      return fail(Errc::conflict, "there is another table with this id");
    }
    if (added) at->second.changed_at = wall_clock_now();
    return ++directory.changes;
  });
}

Result<std::uint64_t> MemoryTableDirectory::rename(TableId table, std::string_view name) {
  return directory_.with([&](Directory &directory) -> Result<std::uint64_t> {
    auto const found = directory.tables.find(table);
    if (found == directory.tables.end()) return fail(Errc::not_found, "there is no such table");
    found->second.name = name;
    found->second.changed_at = wall_clock_now();
    return ++directory.changes;
  });
}

Result<std::optional<lobby::TableRecord>> MemoryTableDirectory::find(TableId table) {
  return directory_.with([&](Directory const &directory) -> std::optional<lobby::TableRecord> {
    auto const found = directory.tables.find(table);
    if (found == directory.tables.end()) return std::nullopt;
    return found->second;
  });
}

Result<lobby::Read<std::vector<lobby::TableRecord>>> MemoryTableDirectory::page(std::optional<TableId> after,
                                                                                std::size_t limit) {
  return directory_.with([&](Directory const &directory) {
    auto const place = [](lobby::TableRecord const &table) { return std::pair(table.created_at, table.id); };
    lobby::Read<std::vector<lobby::TableRecord>> read{
        .value = {}, .version = directory.changes + 1, .at = wall_clock_now()};
    auto &page = read.value;
    auto const last = after ? directory.tables.find(*after) : directory.tables.end();
    if (after && last == directory.tables.end()) return read;
    for (auto const &[id, table] : directory.tables) {
      if (table.listing == table::Listing::open && (!after || place(table) < place(last->second))) {
        page.push_back(table);
      }
    }
    std::ranges::sort(page, std::ranges::greater(), place);
    if (page.size() > limit) page.erase(page.begin() + static_cast<std::ptrdiff_t>(limit), page.end());
    return read;
  });
}

Result<void> MemoryInvitationStore::add(lobby::Invitation const &invitation) {
  return invitations_.with([&](auto &invitations) -> Result<void> {
    auto const [at, added] = invitations.try_emplace(invitation.code, Entry{invitation, {}});
    lobby::Invitation const &there = at->second.invitation;
    if (!added && (there.table != invitation.table || there.role != invitation.role ||
                   there.expires_at != invitation.expires_at)) {
      return fail(Errc::conflict, "there is another invitation with this code");
    }
    return {};
  });
}

Result<lobby::Invitation> MemoryInvitationStore::redeem(std::string_view code, PlayerId player, Time now) {
  return invitations_.with([&](auto &invitations) -> Result<lobby::Invitation> {
    auto const found = invitations.find(std::string(code));
    if (found == invitations.end() || found->second.invitation.expires_at <= now) {
      return fail(Errc::not_found, "there is no such invitation");
    }
    Entry &entry = found->second;
    if (entry.used_by.contains(player)) return entry.invitation;
    if (entry.invitation.uses_left <= 0) return fail(Errc::not_found, "there is no such invitation");
    --entry.invitation.uses_left;
    entry.used_by.insert(player);
    return entry.invitation;
  });
}

}  // namespace tableforge::storage
