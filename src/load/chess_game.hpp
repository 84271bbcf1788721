#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "load/json.hpp"
#include "load/placement.hpp"

namespace tableforge::load {

struct ChessMove {
  Square from;
  Square to;
};

struct Ply {
  std::vector<ChessMove> moves;  ///< Two for castling; they happen at the same time.
  std::optional<Square> capture;
  std::optional<char> promote;  ///< What stands at the first move's end instead of the pawn.
  bool white = true;            ///< Who moves.
};

/// One recorded game of chess.
struct ChessGame {
  std::string name;
  Placement start;
  std::vector<Ply> plies;
  Placement final;
};

/// Makes the ply on the board. Throws Trouble if it cannot be made: no piece there, or the square is taken.
void play(Placement &placement, Ply const &ply);

/// Reads one game, and makes sure that its plies lead from `start` to `final`. Throws Trouble or nlohmann's exceptions.
ChessGame parse_chess_game(Json const &value);

/// The error names the line.
std::expected<std::vector<ChessGame>, std::string> read_chess_games(std::filesystem::path const &file);

}  // namespace tableforge::load
