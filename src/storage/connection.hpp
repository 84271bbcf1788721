#pragma once

#include <chrono>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <pqxx/pqxx>

#include "storage/pqxx_shim.hpp"
#include "storage/watchdog.hpp"

namespace tableforge::storage {

class BindSamples;

/// A statement that is prepared once per session, at its first use.
struct Statement {
  char const *name;
  char const *sql;
};

/// One session with PostgreSQL, with our settings and a deadline on every wait.
///
/// Threads: one at a time.
/// Errors:  throws what libpqxx throws; the callers turn it into a Failure. One that has thrown Kind::broken is of no
///          further use.
class Connection {
 public:
  /// Connects. `statement_timeout` ends a statement on the server; if no answer comes some seconds after that, the
  /// socket is shut down.
  Connection(std::string const &conninfo, std::chrono::milliseconds statement_timeout, Watchdog &watchdog,
             BindSamples *samples = nullptr);
  ~Connection();
  Connection(Connection const &) = delete;
  Connection &operator=(Connection const &) = delete;

  /// `last`, if there is one, is a further parameter, in its type's binary form.
  pqxx::result run(Statement const &statement, std::span<std::string const> parameters,
                   std::optional<std::string_view> last = std::nullopt);
  pqxx::result run(Statement const &statement, std::initializer_list<std::string> parameters = {}) {
    return run(statement, std::span(parameters.begin(), parameters.size()));
  }
  /// Plain SQL, of several statements if need be.
  pqxx::result run_sql(std::string const &sql);

  /// Calls f(), which returns a Result, with everything it runs in one transaction: committed if it returns a value.
  template <class F>
  std::invoke_result_t<F &> atomically(F f) {
    // Around all of it, since beginning, committing and rolling back wait for the server too.
    Watchdog::Watch const watch(watchdog_, fd_, deadline());
    pqxx::work work(session_);
    Scope const scope(*this, work);
    auto result = f();
    if (result) work.commit();
    return result;
  }

  [[nodiscard]] bool is_open() const { return session_.is_open(); }

 private:
  struct Scope {
    Scope(Connection &connection, pqxx::transaction_base &transaction) : connection_(connection) {
      connection_.transaction_ = &transaction;
    }
    ~Scope() { connection_.transaction_ = nullptr; }
    Connection &connection_;
  };

  [[nodiscard]] Watchdog::Clock::time_point deadline() const { return Watchdog::Clock::now() + limit_; }

  std::chrono::milliseconds limit_;
  Watchdog &watchdog_;
  BindSamples *samples_;
  pqxx::connection session_;
  shim::Tamed const tamed_;
  // A duplicate, so that the watchdog never holds a number that libpq has closed and the system has given away again.
  int fd_ = -1;
  pqxx::transaction_base *transaction_ = nullptr;
  std::set<std::string_view> prepared_;
};

}  // namespace tableforge::storage
