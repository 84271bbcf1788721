#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "performance/support/kept_connection.hpp"
#include "support/serve_process.hpp"

namespace tableforge::test {

/// Real servers on one database, all of which accept the tokens of each.
///
/// Threads: one at a time; everything blocks.
/// Owns:    the servers and their directories.
/// Errors:  throws.
class ServedInstances {
 public:
  /// To Redis: each of two shards has one for its cache and one for its tables.
  static constexpr int kSubscriptions = 4;

  explicit ServedInstances(std::string database_url = migrated_database());

  /// One more, of two shards. With a Redis it is waited for.
  ServeProcess &start(std::string const &redis_url, std::vector<std::string> more = {});
  void end(ServeProcess &server);

  [[nodiscard]] std::string const &database_url() const { return database_url_; }

  /// A player's token.
  static std::string register_player(ServeProcess const &server);
  /// A public table, whose id it answers.
  static std::string found_table(KeptConnection &connection, std::string const &token, std::string const &name);
  /// A gauge or counter of /metrics, with its labels; 0 for one that is not there.
  static double metric(ServeProcess const &server, std::string const &name);
  /// `count` connections: the kernel spreads them over the shards.
  static std::vector<KeptConnection> connections(ServeProcess const &server, std::size_t count);

 private:
  struct Instance {
    std::unique_ptr<ScratchDirectory> directory;
    std::unique_ptr<ServeProcess> process;
  };

  std::string const database_url_;
  std::string const name_space_;
  std::vector<Instance> instances_;
};

}  // namespace tableforge::test
