#pragma once

#include <span>
#include <string>

#include <pqxx/pqxx>

/// Everything in which libpqxx 6.4 and 7.10 differ for us.
namespace tableforge::storage::shim {

/// Executes a prepared statement with its parameters in text form.
pqxx::result exec_prepared(pqxx::transaction_base &transaction, std::string const &name,
                           std::span<std::string const> parameters);

/// Keeps the library from printing the server's notices, and from reconnecting behind our back: a new session would
/// lack our settings, and a lost connection is something that we must know of.
void tame(pqxx::connection &connection);

}  // namespace tableforge::storage::shim
