#pragma once

#include "tableforge/lobby/ports.hpp"
#include "tableforge/storage/connection_pool.hpp"

/// What the lobby remembers, in PostgreSQL.
///
/// Threads: any; every call blocks.
/// Owns:    nothing; the pool outlives the stores.
/// Errors:  those of the pool, beside those of the ports; corrupt for a row that no version of ours can have written.
namespace tableforge::storage {

class PostgresPlayerStore final : public lobby::PlayerStore {
 public:
  explicit PostgresPlayerStore(ConnectionPool &pool) : pool_(pool) {}

  Result<void> add(lobby::PlayerRecord const &player) override;
  Result<std::optional<lobby::PlayerRecord>> find(PlayerId player) override;

 private:
  ConnectionPool &pool_;
};

/// A change's number is its transaction's id. A page's version is pg_snapshot_xmin() of the snapshot it was read in:
/// all transactions below had ended by then. So one that stays open holds back the versions of what is read meanwhile.
class PostgresTableDirectory final : public lobby::TableDirectory {
 public:
  explicit PostgresTableDirectory(ConnectionPool &pool) : pool_(pool) {}

  Result<std::uint64_t> add(lobby::TableRecord const &table) override;
  Result<std::uint64_t> rename(TableId table, std::string_view name) override;
  Result<std::optional<lobby::TableRecord>> find(TableId table) override;
  Result<lobby::Read<std::vector<lobby::TableRecord>>> page(std::optional<TableId> after, std::size_t limit) override;

 private:
  ConnectionPool &pool_;
};

class PostgresInvitationStore final : public lobby::InvitationStore {
 public:
  explicit PostgresInvitationStore(ConnectionPool &pool) : pool_(pool) {}

  Result<void> add(lobby::Invitation const &invitation) override;
  Result<lobby::Invitation> redeem(std::string_view code, PlayerId player, Time now) override;

 private:
  ConnectionPool &pool_;
};

}  // namespace tableforge::storage
