#pragma once

#include <set>
#include <string>
#include <unordered_map>

#include "tableforge/base/guarded.hpp"
#include "tableforge/lobby/ports.hpp"

/// What the lobby remembers, in memory: for tests and benchmarks.
///
/// Threads: any.
namespace tableforge::storage {

class MemoryPlayerStore final : public lobby::PlayerStore {
 public:
  Result<void> add(lobby::PlayerRecord const &player) override;
  Result<std::optional<lobby::PlayerRecord>> find(PlayerId player) override;

 private:
  Guarded<std::unordered_map<PlayerId, lobby::PlayerRecord>> players_;
};

class MemoryTableDirectory final : public lobby::TableDirectory {
 public:
  Result<std::uint64_t> add(lobby::TableRecord const &table) override;
  Result<std::uint64_t> rename(TableId table, std::string_view name) override;
  Result<std::optional<lobby::TableRecord>> find(TableId table) override;
  Result<lobby::Read<std::vector<lobby::TableRecord>>> page(std::optional<TableId> after, std::size_t limit) override;

 private:
  struct Directory {
    std::unordered_map<TableId, lobby::TableRecord> tables;
    std::uint64_t changes = 0;
  };
  Guarded<Directory> directory_;
};

class MemoryInvitationStore final : public lobby::InvitationStore {
 public:
  Result<void> add(lobby::Invitation const &invitation) override;
  Result<lobby::Invitation> redeem(std::string_view code, PlayerId player, Time now) override;

 private:
  struct Entry {
    lobby::Invitation invitation;
    std::set<PlayerId> used_by;
  };
  Guarded<std::unordered_map<std::string, Entry>> invitations_;
};

}  // namespace tableforge::storage
