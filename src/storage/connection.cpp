#include "storage/connection.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "tableforge/storage/bind_samples.hpp"

namespace tableforge::storage {

namespace {

/// How much later than the server we give up, so that a merely slow statement ends with an answer.
constexpr std::chrono::seconds kGrace{5};

// Whatever the server, the database or the role has as defaults, these are what our promises rest on.
std::string settings(std::chrono::milliseconds statement_timeout) {
  return "set synchronous_commit = on;"
         "set default_transaction_isolation = 'read committed';"
         "set bytea_output = 'hex';"
         "set client_min_messages = 'error';"
         "set idle_in_transaction_session_timeout = 30000;"
         "set statement_timeout = " +
         std::to_string(statement_timeout.count());
}

/// libpq would take an empty text for its own defaults, and so connect to who knows what.
std::string const &understood(std::string const &conninfo) {
  if (conninfo.empty()) throw pqxx::broken_connection("the database URL cannot be understood");
  return conninfo;
}

}  // namespace

Connection::Connection(std::string const &conninfo, std::chrono::milliseconds statement_timeout, Watchdog &watchdog,
                       BindSamples *samples)
    : limit_(statement_timeout + kGrace),
      watchdog_(watchdog),
      samples_(samples),
      session_(understood(conninfo)),
      tamed_(session_) {
  fd_ = ::fcntl(session_.sock(), F_DUPFD_CLOEXEC, 0);
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "duplicating a socket");
  try {
    run_sql(settings(statement_timeout));
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

Connection::~Connection() { ::close(fd_); }

pqxx::result Connection::run(Statement const &statement, std::span<std::string const> parameters,
                             std::optional<std::string_view> last) {
  // One with such a value writes.
  if (samples_ != nullptr && !last) samples_->saw(statement.name, statement.sql, parameters);
  Watchdog::Watch const watch(watchdog_, fd_, deadline());
  if (!prepared_.contains(statement.name)) {
    session_.prepare(statement.name, statement.sql);
    prepared_.insert(statement.name);
  }
  if (transaction_ != nullptr) return shim::exec_prepared(*transaction_, statement.name, parameters, last);
  pqxx::nontransaction alone(session_);
  return shim::exec_prepared(alone, statement.name, parameters, last);
}

pqxx::result Connection::run_sql(std::string const &sql) {
  Watchdog::Watch const watch(watchdog_, fd_, deadline());
  if (transaction_ != nullptr) return transaction_->exec(sql);
  pqxx::nontransaction alone(session_);
  return alone.exec(sql);
}

}  // namespace tableforge::storage
