#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tableforge::test {

/// The lobby's list as PostgreSQL had it after each change, to compare answers with. Whoever changes the list says so
/// after each change, and is the only one who does.
///
/// Threads: one; blocks.
/// Owns:    a session as the superuser, so that its own questions are not counted as the servers'.
/// Errors:  throws.
class ListedTables {
 public:
  using Clock = std::chrono::steady_clock;
  struct Table {
    std::string id, name;
    bool operator==(Table const &) const = default;
  };
  using List = std::vector<Table>;

  explicit ListedTables(std::string const &database_url);
  ~ListedTables();

  /// Asks PostgreSQL for the list as it is now. It is what was answered from `at` on.
  void changed(Clock::time_point at);
  [[nodiscard]] List const &now() const { return states_.back().list; }
  /// Whether PostgreSQL has the table under this name already.
  [[nodiscard]] bool has(std::string const &id, std::string const &name);

  /// How old an answer is that was asked for at that time: nothing if it is what PostgreSQL had then or later, else for
  /// how long it had not been so any more. None for what PostgreSQL never had.
  [[nodiscard]] std::optional<Clock::duration> age_of(List const &page, std::optional<std::string> const &after,
                                                      std::size_t limit, Clock::time_point asked_at) const;
  /// What an answer to GET /v1/tables lists.
  static List listed_in(std::string const &body);

 private:
  struct State {
    Clock::time_point since;
    List list;
  };
  struct Session;

  static bool is_page_of(List const &list, List const &page, std::optional<std::string> const &after,
                         std::size_t limit);
  List ask();

  std::unique_ptr<Session> session_;
  std::vector<State> states_;
};

}  // namespace tableforge::test
