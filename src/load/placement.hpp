#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tableforge::load {

/// A square of the chess board: x 0–7 for files a–h, y 0–7 for ranks 1–8.
struct Square {
  int x = 0;
  int y = 0;
  bool operator==(Square const &) const = default;
};

/// Reads "e4". Throws Trouble.
Square parse_square(std::string_view text);
std::string to_text(Square square);

/// Which piece stands where: FEN letters, upper case for white.
class Placement {
 public:
  static constexpr char kEmpty = '.';

  Placement();
  /// Reads the first field of a FEN. Throws Trouble.
  static Placement parse(std::string_view fen);

  [[nodiscard]] char at(Square square) const;
  void put(Square square, char piece);
  [[nodiscard]] std::string fen() const;
  bool operator==(Placement const &) const = default;

 private:
  std::array<char, 64> squares_;
};

/// Whether it is one of the letters of FEN.
bool is_chess_piece(char letter);
constexpr bool is_white(char letter) { return letter >= 'A' && letter <= 'Z'; }

}  // namespace tableforge::load
