#include "performance/cache/query_count.hpp"

#include <stdexcept>

#include <pqxx/pqxx>

#include "support/private_servers.hpp"

namespace tableforge::test {

struct QueryCount::Session {
  pqxx::connection connection;
};

QueryCount::QueryCount(std::string const &database_url)
    : session_(new Session{pqxx::connection(PrivateServers::shared().admin_url())}),
      database_(database_url.substr(database_url.rfind('/') + 1)) {
  static_cast<void>(reads());
}

QueryCount::~QueryCount() = default;

std::uint64_t QueryCount::reads() {
  pqxx::nontransaction work(session_->connection);
  // "as k (table_id" is the question for newer rows of open tables, once a second.
  auto const found = work.exec(
      "select coalesce(sum(s.calls), 0)::bigint from pg_stat_statements s join pg_database d on d.oid = s.dbid"
      " join pg_roles r on r.oid = s.userid"
      " where r.rolname = 'tableforge' and d.datname = " +
      work.quote(database_) +
      " and s.query ~* '^\\s*select' and s.query ~ '\\m(from|join) (thing|table_directory|commit_row|snapshot)\\M'"
      " and s.query not like '%as k (table_id%'");
  return found[0][0].as<std::uint64_t>();
}

}  // namespace tableforge::test
