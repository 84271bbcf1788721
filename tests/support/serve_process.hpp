#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tableforge::test {

/// What a server answered.
struct Answer {
  unsigned status = 0;
  std::string body;
  std::map<std::string, std::string> headers;  ///< Names in lower case.
};

/// One request on a connection of its own. Throws if there is no answer.
Answer ask(std::uint16_t port, std::string const &method, std::string const &target, std::string const &token = {},
           std::string const &body = {});

/// A temporary directory for the time of a test.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(ScratchDirectory const &) = delete;
  ScratchDirectory &operator=(ScratchDirectory const &) = delete;

  [[nodiscard]] std::filesystem::path const &path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A fresh database that `tableforge migrate` has prepared; returns its URL.
std::string migrated_database();

/// The real binary, serving on free ports.
///
/// Threads: one at a time.
/// Owns:    the process, which is killed with this if it still runs, and what it printed.
/// Errors:  what does not happen in time throws, with all that the process printed.
class ServeProcess {
 public:
  struct Options {
    std::string database_url;
    std::filesystem::path run_dir;
    std::string redis_url = "none";
    std::vector<std::string> more = {};  ///< Further arguments.
  };

  /// Starts it and waits for nothing.
  explicit ServeProcess(Options options);
  ~ServeProcess();
  ServeProcess(ServeProcess const &) = delete;
  ServeProcess &operator=(ServeProcess const &) = delete;

  /// Until it has said that it serves.
  ServeProcess &await_serving();
  /// Until a line that contains `text` has been printed, after all that was waited for before.
  void await_line(std::string_view text);

  [[nodiscard]] std::uint16_t port() const { return port_in("port"); }
  [[nodiscard]] std::uint16_t admin_port() const { return port_in("admin-port"); }
  /// For clients of the socket.
  [[nodiscard]] std::string ws_url() const { return "ws://127.0.0.1:" + std::to_string(port()); }
  [[nodiscard]] int pid() const { return pid_; }

  Answer get(std::string const &target, std::string const &token = {}) const {
    return ask(port(), "GET", target, token);
  }
  Answer post(std::string const &target, std::string const &token, std::string const &body) const {
    return ask(port(), "POST", target, token, body);
  }
  Answer admin(std::string const &target) const { return ask(admin_port(), "GET", target); }

  void signal(int number) const;
  /// Waits for its end. Returns the exit code, or 128 + the signal's number.
  int wait();
  /// SIGTERM, and its orderly end.
  int terminate();
  /// SIGKILL.
  int kill();

  /// Everything it has printed so far.
  [[nodiscard]] std::string output() const;

 private:
  [[nodiscard]] std::uint16_t port_in(char const *file) const;
  void read(int descriptor);

  std::filesystem::path run_dir_;
  int pid_ = -1;  ///< -1 once it has been waited for.
  std::thread reader_;
  mutable std::mutex mutex_;  // Naked for the sake of the condition variable; it guards the rest.
  std::condition_variable printed_;
  std::string output_;
  std::size_t seen_ = 0;  ///< How much of the output has been waited for.
  bool ended_ = false;
};

}  // namespace tableforge::test
