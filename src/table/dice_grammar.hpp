#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "tableforge/table/limits.hpp"
#include "tableforge/table/reject.hpp"

/// The dialect of dice notation: text in, syntax tree out. Letters count in either case, blanks may stand between
/// tokens.
///
///     sum     = product { ( "+" | "-" ) product }
///     product = factor { "*" factor }
///     factor  = { "-" } term
///     term    = integer | "(" sum ")" | dice
///     dice    = [ integer ] "d" ( integer | "%" ) [ ( "kh" | "kl" ) [ integer ] ]
namespace tableforge::table::dice {

inline constexpr std::int64_t kDiceMax = 1'000;  ///< In one notation: each is told to everybody and stored.
inline constexpr std::int64_t kSidesMax = 1'000'000;
inline constexpr std::size_t kNestingMax = 32;  ///< Parentheses; they are what the parser recurses on.
static_assert(kDiceMax * kSidesMax <= kIntegerMax, "dice alone never leave the range of totals");

/// Where a node stands in its Tree.
using NodeIndex = std::size_t;

struct Integer {
  std::int64_t value;
};

/// Which dice of a throw count; the others are shown, but left out of the total.
struct Keep {
  enum class Which : std::uint8_t { highest, lowest };
  Which which;
  std::int64_t count;
};

/// A throw of equal dice. What later operators do to a throw becomes a member here, as `keep` is.
struct Throw {
  std::int64_t count;
  std::int64_t sides;
  std::optional<Keep> keep;
};

struct Negation {
  NodeIndex operand;
};

struct Arithmetic {
  enum class Operator : std::uint8_t { plus, minus, times };
  Operator op;
  NodeIndex left;
  NodeIndex right;
};

using Node = std::variant<Integer, Throw, Negation, Arithmetic>;

/// Never empty. A node stands after its operands and throws stand in the order of the notation, so one pass from
/// front to back computes everything; the last node is the whole notation.
using Tree = std::vector<Node>;

/// Bounds: as above, and kNotationMax bytes. No throw of the dice can take a node of an accepted tree beyond
///         ±kIntegerMax, so whoever computes it needs no further check.
/// Errors: bad_request with a sentence that says what is wrong.
std::expected<Tree, Rejection> parse(std::string_view notation);

}  // namespace tableforge::table::dice
