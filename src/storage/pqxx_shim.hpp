#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <pqxx/pqxx>

/// Everything in which libpqxx 6.4 and 7.10 differ for us.
namespace tableforge::storage::shim {

/// Executes a prepared statement with its parameters in text form; `last`, if there is one, comes behind them in binary
/// form.
pqxx::result exec_prepared(pqxx::transaction_base &transaction, std::string const &name,
                           std::span<std::string const> parameters, std::optional<std::string_view> last);

/// Keeps the library from printing the server's notices, and from reconnecting behind our back: a new session would
/// lack our settings, and a lost connection is something that we must know of.
///
/// Threads: the connection's.
/// Owns:    nothing; it must end before the connection does.
class Tamed {
 public:
  explicit Tamed(pqxx::connection &connection);

#if PQXX_VERSION_MAJOR < 7
 private:
  pqxx::quiet_errorhandler quiet_;
#endif
};

}  // namespace tableforge::storage::shim
