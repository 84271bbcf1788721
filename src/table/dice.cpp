#include "tableforge/table/dice.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "table/dice_grammar.hpp"

namespace tableforge::table {

namespace {

/// Marks the dice that do not count.
void drop_dice(std::span<Die> thrown, dice::Keep const &keep) {
  std::vector<Die *> best_first;
  best_first.reserve(thrown.size());
  for (Die &die : thrown) best_first.push_back(&die);
  // Of equal dice the earlier one is better, so that the same draws drop the same dice on every platform.
  std::ranges::sort(best_first, [&](Die const *a, Die const *b) {
    if (a->value == b->value) return a < b;
    return keep.which == dice::Keep::Which::highest ? a->value > b->value : a->value < b->value;
  });
  for (Die *die : std::span(best_first).subspan(static_cast<std::size_t>(keep.count))) die->kept = false;
}

/// Throws and computes the nodes of a tree. The parser has bounded each of them, so nothing here can overflow.
class Thrower {
 public:
  explicit Thrower(Chance &chance) : chance_(chance) {}

  Roll throw_all(dice::Tree const &tree) {
    values_.reserve(tree.size());
    for (dice::Node const &node : tree) values_.push_back(std::visit(*this, node));
    roll_.total = values_.back();
    return std::move(roll_);
  }

  std::int64_t operator()(dice::Integer const &node) { return node.value; }

  std::int64_t operator()(dice::Throw const &node) {
    std::size_t const first = roll_.dice.size();
    for (std::int64_t i = 0; i < node.count; ++i) {
      auto const drawn = chance_.below(static_cast<std::uint64_t>(node.sides));
      roll_.dice.push_back({.sides = node.sides, .value = static_cast<std::int64_t>(drawn) + 1, .kept = true});
    }
    std::span<Die> const thrown = std::span(roll_.dice).subspan(first);
    if (node.keep) drop_dice(thrown, *node.keep);
    std::int64_t sum = 0;
    for (Die const &die : thrown) sum += die.kept ? die.value : 0;
    return sum;
  }

  std::int64_t operator()(dice::Negation const &node) { return -values_[node.operand]; }

  std::int64_t operator()(dice::Arithmetic const &node) {
    std::int64_t const left = values_[node.left];
    std::int64_t const right = values_[node.right];
    switch (node.op) {
      case dice::Arithmetic::Operator::plus: return left + right;
      case dice::Arithmetic::Operator::minus: return left - right;
      case dice::Arithmetic::Operator::times: return left * right;
    }
    std::unreachable();
  }

 private:
  Chance &chance_;
  std::vector<std::int64_t> values_;  // Of the nodes so far.
  Roll roll_;
};

}  // namespace

std::expected<Roll, Rejection> roll(std::string_view notation, Chance &chance) {
  auto const tree = dice::parse(notation);
  if (!tree) return std::unexpected(tree.error());
  return Thrower(chance).throw_all(*tree);
}

}  // namespace tableforge::table
