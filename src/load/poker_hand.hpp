#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "load/json.hpp"

namespace tableforge::load {

/// Amounts are kept in hundredths of a chip: split pots are recorded in fractions, and a table counts whole numbers.
using Chips = std::int64_t;
inline constexpr Chips kChip = 100;

/// One thing that happened in a recorded hand. Posts, calls, bets and raises are all the same to a table: chips put in.
struct PokerStep {
  enum class Kind : std::uint8_t { deal, put, take_back, fold, check, show };
  Kind kind = Kind::check;
  std::size_t seat = 0;            ///< Whose; of all but deal.
  Chips amount = 0;                ///< Of put and take_back: what goes from the seat to the pot, or back.
  std::vector<std::string> cards;  ///< Of deal and show.
};

/// One recorded hand of poker; seats count from 0, in the order of the table.
struct PokerHand {
  std::string name;
  std::vector<Chips> stacks;
  std::vector<std::array<std::string, 2>> holes;
  std::vector<PokerStep> steps;
  std::vector<std::string> board;
  std::vector<Chips> collected;  ///< From the pot, at the end.
  std::vector<Chips> final;      ///< What each seat has then: stack, less what was put in, and what came back.
};

/// Reads one hand, and makes sure that it can be true: chips are conserved, no card appears twice, nobody acts
/// after folding. Throws Trouble or nlohmann's exceptions.
PokerHand parse_poker_hand(Json const &value);

/// The error names the line.
std::expected<std::vector<PokerHand>, std::string> read_poker_hands(std::filesystem::path const &file);

}  // namespace tableforge::load
