#include "store_worlds.hpp"

#include <pqxx/pqxx>

namespace tableforge::test {

std::size_t PostgresStores::snapshots_kept(TableId table) {
  pqxx::connection connection(url);
  return pqxx::nontransaction(connection)
      .exec("select count(*) from snapshot where table_id = '" + table.value.text() + "'")[0][0]
      .as<std::size_t>();
}

}  // namespace tableforge::test
