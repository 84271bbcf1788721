#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tableforge/load/load.hpp"

#include "support/serve_process.hpp"

namespace tableforge::test {

/// The real server on a fresh database, for the time of one measurement.
///
/// The generator runs in this process, on a thread that stays on the machine's last core, and only that thread's CPU
/// counts as the generator's; server and PostgreSQL are processes of their own and go where the kernel sends them.
///
/// Threads: run() blocks its caller's, and may run beside the rest.
/// Errors:  what does not start throws.
class MeasuredServer {
 public:
  explicit MeasuredServer(unsigned io_threads);

  /// Fills in where the server is and who is measured.
  [[nodiscard]] load::LoadReport run(load::LoadOptions options) const;

  /// Ends it in order and starts it on the same database: what it kept in memory is gone.
  void restart();

  [[nodiscard]] std::uint64_t resident_bytes() const;
  /// A gauge or counter without labels from /metrics.
  [[nodiscard]] double metric(std::string const &name) const;
  [[nodiscard]] ServeProcess const &serve() const { return *serve_; }

 private:
  void start();

  unsigned io_threads_;
  ScratchDirectory directory_;
  std::string database_url_;
  int postmaster_;
  std::unique_ptr<ServeProcess> serve_;
};

}  // namespace tableforge::test
