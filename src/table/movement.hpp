#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "table/backs.hpp"
#include "table/rules.hpp"

namespace tableforge::table {

/// How a piece is to lie where it goes; what is absent follows from where it goes and how it lay before.
struct Lay {
  std::optional<std::int64_t> index;
  std::optional<double> x;
  std::optional<double> y;
  std::optional<double> rotation;
  std::optional<Side> side;
};

/// The moves of one action as they are put together, one after the other, against the zones as they fill and empty.
class Movement {
 public:
  explicit Movement(Context const &context) : context_(context) {}

  /// Adds one move; the right to make it was checked. Fails if `to` is full.
  std::optional<Rejection> add(PieceId id, Piece const &piece, Zone const &from, Zone const &to, Lay const &lay);

  PieceMoved done() && { return {.moves = std::move(moves_), .backs = untold_backs(context_.state, passages_)}; }

 private:
  using Order = std::vector<PieceId>;

  std::int64_t &size_of(Zone const &zone);
  /// Where a piece that stays in an ordered zone stands, after the moves so far.
  std::int64_t place_of(PieceId id, Zone const &zone);
  std::optional<std::int64_t> landing(PieceId id, Zone const &from, Zone const &to, std::optional<std::int64_t> wanted);
  static void follow(Move const &move, Zone const &zone, Order &order);

  Context const &context_;
  std::vector<Move> moves_;
  std::vector<Passage> passages_;
  std::unordered_map<Zone const *, std::int64_t> sizes_;
  std::unordered_map<Zone const *, Order> orders_;  // Of zones in which a piece stayed; most moves need none.
};

}  // namespace tableforge::table
