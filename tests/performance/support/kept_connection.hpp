#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "support/serve_process.hpp"

namespace tableforge::test {

/// One HTTP connection that is kept and asked again and again, as browsers do: what is timed is the answer alone, and
/// all of it is served by the same I/O thread.
///
/// Threads: one at a time; every call blocks.
/// Errors:  throws if there is no answer. It is of no further use then.
class KeptConnection {
 public:
  explicit KeptConnection(std::uint16_t port);
  ~KeptConnection();
  KeptConnection(KeptConnection &&) noexcept;

  Answer ask(std::string const &method, std::string const &target, std::string const &token = {},
             std::string const &body = {});
  Answer get(std::string const &target, std::string const &token = {}) { return ask("GET", target, token); }

 private:
  struct Line;
  std::unique_ptr<Line> line_;
};

}  // namespace tableforge::test
