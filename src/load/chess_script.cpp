#include "load/chess_script.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "load/trouble.hpp"

namespace tableforge::load {

namespace asio = boost::asio;

namespace {

std::optional<Square> square_of(Json const &piece) {
  auto const x = piece.at("x").get<double>();
  auto const y = piece.at("y").get<double>();
  bool const whole = std::trunc(x) == x && std::trunc(y) == y;
  if (!whole || x < 0 || x > 7 || y < 0 || y > 7) return std::nullopt;
  return Square{.x = static_cast<int>(x), .y = static_cast<int>(y)};
}

/// What stands on a board; nothing if it is not a position of chess.
std::optional<Placement> placement_of(Json const &pieces) {
  Placement placement;
  for (auto const &piece : pieces) {
    auto const square = square_of(piece);
    auto const face = piece.value("face", "");
    if (!square || face.size() != 1 || placement.at(*square) != Placement::kEmpty) return std::nullopt;
    placement.put(*square, face[0]);
  }
  return placement;
}

std::string piece_on(Json const &pieces, Square square) {
  for (auto const &piece : pieces) {
    if (square_of(piece) == square) return piece.at("id");
  }
  throw Trouble("no piece stands on " + to_text(square));
}

Json pieces_of(Placement const &placement) {
  Json pieces = Json::array();
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 8; ++x) {
      char const letter = placement.at({.x = x, .y = y});
      if (letter == Placement::kEmpty) continue;
      pieces.push_back(
          {{"kind", "token"}, {"zone", "board"}, {"face", std::string(1, letter)}, {"back", ""}, {"x", x}, {"y", y}});
    }
  }
  return pieces;
}

}  // namespace

asio::awaitable<void> ChessScript::play(ChessGame const &game) {
  co_await set_up(game);
  for (auto const &ply : game.plies) co_await play_ply(ply);
  co_await check_end(game);
  co_await table_.compare_pictures();
}

asio::awaitable<void> ChessScript::set_up(ChessGame const &game) {
  auto const *seen = co_await table_.look(table_.dealer());
  if (placement_of(seen->pieces("board")) != game.start) {
    Json old = Json::array();
    for (auto const *zone : {"board", "captured"}) {
      for (auto const &piece : seen->pieces(zone)) old.push_back(piece.at("id"));
    }
    if (!old.empty()) co_await table_.act(table_.dealer(), "piece.remove", {{"pieces", std::move(old)}});
    co_await table_.act(table_.dealer(), "piece.create", {{"pieces", pieces_of(game.start)}});
  }
  if (!seen->state().at("table").at("turn_enforced").get<bool>()) {
    co_await table_.act(table_.dealer(), "table.configure", {{"turn_enforced", true}});
  }
  co_await table_.act(table_.dealer(), "turn.order",
                      {{"seats", Json::array({table_.seat(kWhite), table_.seat(kBlack)})}});
  bool const white_begins = game.plies.empty() || game.plies.front().white;
  co_await table_.act(table_.dealer(), "turn.set", {{"seat", table_.seat(white_begins ? kWhite : kBlack)}});
}

asio::awaitable<void> ChessScript::play_ply(Ply const &ply) {
  auto const mover = ply.white ? kWhite : kBlack;
  auto const *seen = co_await table_.look(mover);
  auto const &board = seen->pieces("board");
  Json moves = Json::array();
  if (ply.capture) moves.push_back({{"piece", piece_on(board, *ply.capture)}, {"to", {{"zone", "captured"}}}});
  for (auto const &move : ply.moves) {
    Json const to{{"zone", "board"}, {"x", move.to.x}, {"y", move.to.y}};
    moves.push_back({{"piece", piece_on(board, move.from)}, {"to", to}});
  }
  auto const moved = piece_on(board, ply.moves.front().from);
  // Now and then the other side tries to move out of turn.
  if (table_.saboteur().chance(0.05)) {
    co_await table_.try_forbidden(mover == kWhite ? kBlack : kWhite, "piece.move", {{"moves", moves}}, "not_your_turn");
  }
  co_await table_.act(mover, "piece.move", {{"moves", std::move(moves)}});
  if (ply.promote) {
    Json const set{{"face", std::string(1, *ply.promote)}};
    co_await table_.act(table_.dealer(), "piece.update", {{"piece", moved}, {"set", set}});
  }
  co_await table_.act(mover, "turn.next", Json::object());
}

asio::awaitable<void> ChessScript::check_end(ChessGame const &game) {
  for (std::size_t viewer = 0; viewer < table_.viewers(); ++viewer) {
    auto const *seen = co_await table_.look(viewer);
    auto const placement = placement_of(seen->pieces("board"));
    if (placement != game.final) {
      table_.mismatch("the game ends as " + (placement ? placement->fen() : "no position") + ", not " +
                      game.final.fen());
    }
  }
}

}  // namespace tableforge::load
