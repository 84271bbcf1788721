#pragma once

#include <memory>
#include <string>

namespace tableforge::test {

/// Tables with a past, written straight into a database: games that have gone on for a while, one row for each event
/// as at a table of people, and the newest snapshot far behind the newest event. All are public.
///
/// Threads: one; play() blocks.
/// Owns:    its sessions.
/// Errors:  what cannot be written throws.
class PlayedTables {
 public:
  static constexpr int kEventsBefore = 100;  ///< In the snapshot.
  static constexpr int kEventsBehind = 500;
  static constexpr int kEvents = kEventsBefore + kEventsBehind;

  explicit PlayedTables(std::string const &database_url);
  ~PlayedTables();
  PlayedTables(PlayedTables const &) = delete;
  PlayedTables &operator=(PlayedTables const &) = delete;

  /// One more, whose id it answers. All of it is committed then.
  std::string play();

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace tableforge::test
