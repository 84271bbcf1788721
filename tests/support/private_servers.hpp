#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>

namespace tableforge::test {

/// A PostgreSQL cluster and a Redis of this test binary's own, in a temporary directory.
///
/// Made by `scripts/private-servers`, on free ports of the loopback. A guard process outside this one waits for
/// our end of a pipe to close, whether through the destructor or because the test binary was killed, and then
/// stops the servers and deletes the directory; so nothing is left behind either way.
///
/// Threads: one at a time; the commands block until the server is in the state they name.
/// Owns:    the servers and their directory.
/// Errors:  every failure throws std::runtime_error with what the script said.
class PrivateServers {
 public:
  PrivateServers();
  ~PrivateServers();
  PrivateServers(PrivateServers const &) = delete;
  PrivateServers &operator=(PrivateServers const &) = delete;

  /// The pair that all tests of this binary share. Starts with the first call, ends with the test program.
  static PrivateServers &shared();

  /// The database `tableforge`, as the role `tableforge`, which may create databases but is no superuser.
  std::string const &database_url() const { return database_url_; }
  /// The same database as the superuser, for tests that change the server's settings.
  std::string const &admin_url() const { return admin_url_; }
  std::string const &redis_url() const { return redis_url_; }

  /// Creates an empty database and returns its URL. It lives as long as the servers.
  std::string fresh_database();

  enum class Stop {
    fast,       ///< Sessions are cut, a checkpoint is written.
    immediate,  ///< As in a crash: the next start replays the log.
  };

  // The ports stay the same over all of these, so the URLs stay valid.
  void restart_postgres(Stop mode);
  void stop_postgres(Stop mode);
  void start_postgres();
  void kill_redis();
  void stop_redis();
  void start_redis();

 private:
  std::string script(std::initializer_list<char const *> arguments) const;

  std::filesystem::path directory_;
  int guard_ = -1;       ///< The guard works as soon as this is closed …
  int guard_done_ = -1;  ///< … and has finished when this reads its end.
  std::string database_url_;
  std::string admin_url_;
  std::string redis_url_;
  int databases_ = 0;
};

}  // namespace tableforge::test
