#pragma once

#include <cstddef>

#include <boost/asio/awaitable.hpp>

#include "load/chess_game.hpp"
#include "load/live_table.hpp"

namespace tableforge::load {

/// Plays recorded games of chess at a table of the system `chess`, one after the other, with the turn enforced.
///
/// A ply is one action: the captured piece leaves the board in it, and castling moves two pieces. A pawn is
/// promoted by the dealer. For a game that does not begin as the board stands, the dealer sets it up anew.
///
/// Threads: the table's.
/// Errors:  Trouble, when a game cannot go on; what merely came out wrong is a mismatch.
class ChessScript {
 public:
  static constexpr std::size_t kWhite = 0;
  static constexpr std::size_t kBlack = 1;

  explicit ChessScript(LiveTable &table) : table_(table) {}

  /// The game must outlive the call.
  [[nodiscard]] boost::asio::awaitable<void> play(ChessGame const &game);

 private:
  boost::asio::awaitable<void> set_up(ChessGame const &game);
  boost::asio::awaitable<void> play_ply(Ply const &ply);
  boost::asio::awaitable<void> check_end(ChessGame const &game);

  LiveTable &table_;
};

}  // namespace tableforge::load
