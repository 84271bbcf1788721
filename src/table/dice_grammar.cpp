#include "table/dice_grammar.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

namespace tableforge::table::dice {

namespace {

template <std::size_t N>
std::unexpected<Rejection> refuse(char const (&text)[N]) {
  return std::unexpected(Rejection{Reject::bad_request, std::string_view(text, N - 1)});
}

struct Token {
  enum class Kind : std::uint8_t {
    integer,
    die,
    percent,
    keep_highest,
    keep_lowest,
    plus,
    minus,
    times,
    open,
    close,
    end
  };
  Kind kind;
  std::int64_t value = 0;  // Of an integer.
};

using Kind = Token::Kind;

// The functions of <cctype> ask the locale, and are undefined for bytes beyond ASCII.
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Takes the digits at the front of `rest`.
std::expected<Token, Rejection> take_integer(std::string_view &rest) {
  std::int64_t value = 0;
  for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1)) {
    value = value * 10 + (rest.front() - '0');
    if (value > kIntegerMax) return refuse("a number is too large; numbers go up to 9007199254740991");
  }
  return Token{Kind::integer, value};
}

/// Takes one token other than an integer from the front of `rest`.
std::expected<Token, Rejection> take_symbol(std::string_view &rest) {
  char const first = lower(rest.front());
  rest.remove_prefix(1);
  switch (first) {
    case 'd': return Token{Kind::die};
    case '%': return Token{Kind::percent};
    case '+': return Token{Kind::plus};
    case '-': return Token{Kind::minus};
    case '*': return Token{Kind::times};
    case '(': return Token{Kind::open};
    case ')': return Token{Kind::close};
    case 'k': break;
    default: return refuse("a notation is made of numbers, d, %, kh, kl, +, -, * and parentheses, as in 4d6kh3+2");
  }
  char const which = rest.empty() ? '\0' : lower(rest.front());
  if (which != 'h' && which != 'l') return refuse("write kh to keep the highest dice, kl to keep the lowest");
  rest.remove_prefix(1);
  return Token{which == 'h' ? Kind::keep_highest : Kind::keep_lowest};
}

/// The tokens of the notation, and an end token behind them.
std::expected<std::vector<Token>, Rejection> tokenise(std::string_view rest) {
  std::vector<Token> tokens;
  while (!rest.empty()) {
    if (is_blank(rest.front())) {
      rest.remove_prefix(1);
      continue;
    }
    auto const token = is_digit(rest.front()) ? take_integer(rest) : take_symbol(rest);
    if (!token) return std::unexpected(token.error());
    tokens.push_back(*token);
  }
  tokens.push_back({Kind::end});
  return tokens;
}

/// The least and the greatest value that the dice can give a node. Both are reached, because no die counts in two
/// nodes; so a notation is refused exactly if some throw of it would leave the range.
struct Range {
  std::int64_t least;
  std::int64_t greatest;
};

/// The product, or a value beyond the range if 64 bits do not hold it; which one makes no difference to a refusal.
/// Sums need no such care: two values within ±kIntegerMax add up to far less than what 64 bits hold.
std::int64_t multiply_saturating(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<std::int64_t>::max() : product;
}

/// Ranges of nodes whose operands have the ranges given.
struct RangeOf {
  std::span<Range const> ranges;

  Range operator()(Integer const &node) const { return {node.value, node.value}; }

  Range operator()(Throw const &node) const {
    std::int64_t const counted = node.keep ? node.keep->count : node.count;
    return {counted, counted * node.sides};
  }

  Range operator()(Negation const &node) const {
    Range const operand = ranges[node.operand];
    return {-operand.greatest, -operand.least};
  }

  Range operator()(Arithmetic const &node) const {
    Range const left = ranges[node.left];
    Range const right = ranges[node.right];
    switch (node.op) {
      case Arithmetic::Operator::plus: return {left.least + right.least, left.greatest + right.greatest};
      case Arithmetic::Operator::minus: return {left.least - right.greatest, left.greatest - right.least};
      case Arithmetic::Operator::times: break;
    }
    // A product is extreme in one of the corners, and the signs decide in which.
    auto const [least, greatest] = std::minmax({
        multiply_saturating(left.least, right.least),
        multiply_saturating(left.least, right.greatest),
        multiply_saturating(left.greatest, right.least),
        multiply_saturating(left.greatest, right.greatest),
    });
    return {least, greatest};
  }
};

/// Recursive descent, one function per line of the grammar.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  std::expected<Tree, Rejection> parse_whole() {
    if (at(Kind::end)) return refuse("the notation is empty; write what to throw, as in 2d6+3");
    auto const root = parse_sum();
    if (!root) return std::unexpected(root.error());
    if (!at(Kind::end)) return refuse_leftover();
    return std::move(tree_);
  }

 private:
  using Parsed = std::expected<NodeIndex, Rejection>;

  Parsed parse_sum() {
    Parsed left = parse_product();
    while (left && (at(Kind::plus) || at(Kind::minus))) {
      auto const op = take().kind == Kind::plus ? Arithmetic::Operator::plus : Arithmetic::Operator::minus;
      Parsed const right = parse_product();
      if (!right) return right;
      left = add(Arithmetic{op, *left, *right});
    }
    return left;
  }

  Parsed parse_product() {
    Parsed left = parse_factor();
    while (left && take_if(Kind::times)) {
      Parsed const right = parse_factor();
      if (!right) return right;
      left = add(Arithmetic{Arithmetic::Operator::times, *left, *right});
    }
    return left;
  }

  Parsed parse_factor() {
    bool negative = false;
    while (take_if(Kind::minus)) negative = !negative;
    Parsed const term = parse_term();
    if (!term || !negative) return term;
    return add(Negation{*term});
  }

  Parsed parse_term() {
    switch (token().kind) {
      case Kind::integer: {
        std::int64_t const value = take().value;
        return at(Kind::die) ? parse_dice(value) : add(Integer{value});
      }
      case Kind::die: return parse_dice(1);
      case Kind::open: return parse_parenthesis();
      case Kind::close: return refuse("a closing parenthesis stands where a number or dice are due");
      case Kind::plus: return refuse("a + stands where a number or dice are due; it joins two terms, as in d6+1");
      case Kind::times: return refuse("a * stands where a number or dice are due; it joins two terms, as in d6*2");
      case Kind::end: return refuse("the notation ends too early; a number or dice are due after an operator or (");
      case Kind::percent: return refuse_percent();
      case Kind::keep_highest:
      case Kind::keep_lowest: return refuse_keep();
      case Kind::minus: break;  // parse_factor() has taken them all.
    }
    std::unreachable();
  }

  Parsed parse_parenthesis() {
    take();
    if (nesting_ == kNestingMax) return refuse("parentheses are nested too deeply; at most 32 may be open at once");
    ++nesting_;
    Parsed const inner = parse_sum();
    --nesting_;
    if (!inner) return inner;
    if (at(Kind::end)) return refuse("a parenthesis is never closed; add )");
    if (!take_if(Kind::close)) return refuse_leftover();
    return inner;
  }

  Parsed parse_dice(std::int64_t count) {
    take();
    Throw node{.count = count, .sides = 100, .keep = std::nullopt};
    if (at(Kind::integer)) {
      node.sides = take().value;
    } else if (!take_if(Kind::percent)) {
      return refuse("d is followed by a number of sides, as in d6, or by % for a hundred");
    }
    if (node.count < 1) return refuse("a throw needs at least one die, as in 1d6");
    if (node.count > kDiceMax - dice_) return refuse("too many dice; a notation throws at most 1000 in all");
    if (node.sides < 1) return refuse("a die needs at least one side");
    if (node.sides > kSidesMax) return refuse("a die has at most 1000000 sides");
    dice_ += node.count;

    if (at(Kind::keep_highest) || at(Kind::keep_lowest)) {
      auto const which = take().kind == Kind::keep_highest ? Keep::Which::highest : Keep::Which::lowest;
      node.keep = Keep{which, at(Kind::integer) ? take().value : 1};
      if (node.keep->count < 1) return refuse("kh and kl keep at least one die");
      if (node.keep->count > node.count) return refuse("kh and kl keep no more dice than the throw has");
      if (at(Kind::keep_highest) || at(Kind::keep_lowest)) return refuse("a throw takes one kh or kl, not several");
    }
    return add(node);
  }

  /// What follows a complete term, and neither joins it to another nor ends it.
  std::unexpected<Rejection> refuse_leftover() const {
    switch (token().kind) {
      case Kind::close: return refuse("a closing parenthesis has no opening one; remove it or add (");
      case Kind::percent: return refuse_percent();
      case Kind::keep_highest:
      case Kind::keep_lowest: return refuse_keep();
      default: return refuse("two terms stand side by side; join them with +, - or *");
    }
  }

  static std::unexpected<Rejection> refuse_percent() { return refuse("% stands right after d, as in d% for d100"); }
  static std::unexpected<Rejection> refuse_keep() { return refuse("kh and kl stand right after dice, as in 4d6kh3"); }

  Parsed add(Node const &node) {
    Range const range = std::visit(RangeOf{ranges_}, node);
    if (range.least < -kIntegerMax || range.greatest > kIntegerMax)
      return refuse("the total could leave ±9007199254740991; use smaller numbers or fewer dice");
    tree_.push_back(node);
    ranges_.push_back(range);
    return tree_.size() - 1;
  }

  [[nodiscard]] Token const &token() const { return tokens_[position_]; }
  [[nodiscard]] bool at(Kind kind) const { return token().kind == kind; }

  /// Never called at the end token, so there is always a current one.
  Token take() { return tokens_[position_++]; }

  bool take_if(Kind kind) {
    if (!at(kind)) return false;
    take();
    return true;
  }

  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  std::size_t nesting_ = 0;
  std::int64_t dice_ = 0;
  Tree tree_;
  std::vector<Range> ranges_;  // Of the nodes of tree_.
};

static_assert(kNestingMax == 32 && kDiceMax == 1'000 && kSidesMax == 1'000'000 && kIntegerMax == 9'007'199'254'740'991,
              "the sentences above name these numbers");

}  // namespace

std::expected<Tree, Rejection> parse(std::string_view notation) {
  // Bytes will do, because nothing beyond ASCII is accepted anyway.
  if (notation.size() > std::size_t{kNotationMax}) return refuse("the notation is too long; 256 characters must do");
  auto tokens = tokenise(notation);
  if (!tokens) return std::unexpected(tokens.error());
  return Parser(*std::move(tokens)).parse_whole();
}

}  // namespace tableforge::table::dice
