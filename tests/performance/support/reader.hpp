#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "tableforge/load/endpoint.hpp"

namespace tableforge::test {

/// Somebody who looks at tables that others play: the lobby's pages, single tables, and joins.
///
/// Every call blocks, and is timed from before its connection is opened. What it is shown is looked through: a zone
/// that is not public shows a stranger no faces.
///
/// Threads: one.
/// Errors:  what is not answered rightly throws, with the answer.
class Reader {
 public:
  /// Registers a player of that name.
  Reader(load::Endpoint server, std::string const &name);
  /// The same person at another server that knows them.
  [[nodiscard]] Reader at(load::Endpoint other) const;

  struct Page {
    std::vector<std::string> tables;   ///< Their ids.
    std::optional<std::string> after;  ///< Where the next page begins.
    std::chrono::nanoseconds took{0};
  };
  Page read_lobby(std::size_t limit, std::optional<std::string> const &after);

  struct Seen {
    std::uint64_t seq = 0;
    std::chrono::nanoseconds took{0};
  };
  Seen read_table(std::string const &id);
  /// Up to the welcome with the table's state; then it leaves.
  Seen join(std::string const &id);

 private:
  std::string get(std::string const &target);

  load::Endpoint server_;
  std::string token_;
};

}  // namespace tableforge::test
