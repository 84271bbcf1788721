#include "load/chess_game.hpp"

#include "load/record_file.hpp"
#include "load/trouble.hpp"

namespace tableforge::load {

namespace {

char parse_piece(Json const &value) {
  auto const text = value.get<std::string>();
  if (text.size() != 1 || !is_chess_piece(text[0])) throw Trouble("\"" + text + "\" is not a piece");
  return text[0];
}

Ply parse_ply(Json const &value, Placement const &before) {
  Ply ply;
  for (auto const &move : value.at("moves")) {
    if (move.size() != 2) throw Trouble("a move is from and to");
    ply.moves.push_back(
        {.from = parse_square(move[0].get<std::string>()), .to = parse_square(move[1].get<std::string>())});
  }
  if (ply.moves.empty()) throw Trouble("a ply without a move");
  if (auto const &square = value.at("capture"); !square.is_null()) {
    ply.capture = parse_square(square.get<std::string>());
  }
  if (auto const &piece = value.at("promote"); !piece.is_null()) ply.promote = parse_piece(piece);
  if (!value.at("drop").is_null()) throw Trouble("drops are not played");
  ply.white = is_white(before.at(ply.moves.front().from));
  return ply;
}

}  // namespace

void play(Placement &placement, Ply const &ply) {
  if (ply.capture) {
    if (placement.at(*ply.capture) == Placement::kEmpty)
      throw Trouble("nothing to capture on " + to_text(*ply.capture));
    placement.put(*ply.capture, Placement::kEmpty);
  }
  std::vector<char> moving;
  for (auto const &move : ply.moves) {
    moving.push_back(placement.at(move.from));
    if (moving.back() == Placement::kEmpty) throw Trouble("nothing to move on " + to_text(move.from));
    placement.put(move.from, Placement::kEmpty);
  }
  for (std::size_t i = 0; i < ply.moves.size(); ++i) {
    auto const &to = ply.moves[i].to;
    if (placement.at(to) != Placement::kEmpty) throw Trouble(to_text(to) + " is taken");
    placement.put(to, moving[i]);
  }
  if (ply.promote) placement.put(ply.moves.front().to, *ply.promote);
}

ChessGame parse_chess_game(Json const &value) {
  ChessGame game;
  game.name = value.at("white").get<std::string>() + " – " + value.at("black").get<std::string>();
  game.start = Placement::parse(value.at("start").get<std::string>());
  game.final = Placement::parse(value.at("final").get<std::string>());
  auto board = game.start;
  for (auto const &each : value.at("plies")) {
    game.plies.push_back(parse_ply(each, board));
    play(board, game.plies.back());
  }
  if (board != game.final) throw Trouble("the plies lead to " + board.fen() + ", not to the final position");
  return game;
}

std::expected<std::vector<ChessGame>, std::string> read_chess_games(std::filesystem::path const &file) {
  return read_games(file, &parse_chess_game);
}

}  // namespace tableforge::load
