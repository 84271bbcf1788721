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

class PostgresTableDirectory final : public lobby::TableDirectory {
 public:
  explicit PostgresTableDirectory(ConnectionPool &pool) : pool_(pool) {}

  Result<void> add(lobby::TableRecord const &table) override;
  Result<void> rename(TableId table, std::string_view name) override;
  Result<std::optional<lobby::TableRecord>> find(TableId table) override;
  Result<std::vector<lobby::TableRecord>> page(std::optional<TableId> after, std::size_t limit) override;

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
