#include "load/placement.hpp"

#include <utility>

#include "load/trouble.hpp"

namespace tableforge::load {

namespace {

constexpr int kSide = 8;

std::size_t index_of(Square square) { return static_cast<std::size_t>(square.y * kSide + square.x); }

}  // namespace

Square parse_square(std::string_view text) {
  if (text.size() != 2 || text[0] < 'a' || text[0] > 'h' || text[1] < '1' || text[1] > '8') {
    throw Trouble("\"" + std::string(text) + "\" is not a square");
  }
  return {.x = text[0] - 'a', .y = text[1] - '1'};
}

std::string to_text(Square square) { return {static_cast<char>('a' + square.x), static_cast<char>('1' + square.y)}; }

bool is_chess_piece(char letter) { return std::string_view("KQRBNPkqrbnp").contains(letter); }

Placement::Placement() { squares_.fill(kEmpty); }

Placement Placement::parse(std::string_view fen) {
  Placement placement;
  Square square{.x = 0, .y = kSide - 1};
  for (char const letter : fen) {
    if (letter == '/') {
      if (square.x != kSide) throw Trouble("a rank of the FEN does not have eight squares");
      square = {.x = 0, .y = square.y - 1};
    } else if (letter >= '1' && letter <= '8') {
      square.x += letter - '0';
    } else if (is_chess_piece(letter) && square.x < kSide && square.y >= 0) {
      placement.put(square, letter);
      ++square.x;
    } else {
      throw Trouble("the FEN has a \"" + std::string(1, letter) + "\" where it means nothing");
    }
    if (square.x > kSide || square.y < 0) throw Trouble("the FEN has too many squares");
  }
  if (square != Square{.x = kSide, .y = 0}) throw Trouble("the FEN has too few squares");
  return placement;
}

char Placement::at(Square square) const { return squares_[index_of(square)]; }

void Placement::put(Square square, char piece) { squares_[index_of(square)] = piece; }

std::string Placement::fen() const {
  std::string text;
  for (int y = kSide - 1; y >= 0; --y) {
    int empty = 0;
    for (int x = 0; x < kSide; ++x) {
      char const piece = at({.x = x, .y = y});
      if (piece == kEmpty) {
        ++empty;
        continue;
      }
      if (empty > 0) text += std::to_string(std::exchange(empty, 0));
      text += piece;
    }
    if (empty > 0) text += std::to_string(empty);
    if (y > 0) text += '/';
  }
  return text;
}

}  // namespace tableforge::load
