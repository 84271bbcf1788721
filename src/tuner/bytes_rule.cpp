#include "tableforge/tuner/bytes_rule.hpp"

#include <algorithm>

namespace tableforge::tuner {

namespace {

double cost_of(BytesClaim const &claim, double bytes) {
  return claim.reads * claim.miss_cost * claim.curve->miss_ratio(bytes);
}

}  // namespace

std::optional<BytesMove> propose_bytes_move(std::span<BytesClaim const> claims, BytesRules const &rules) {
  if (claims.size() < 2) return std::nullopt;
  double all = 0;
  BytesMove move;
  for (BytesClaim const &claim : claims) {
    all += claim.bytes;
    move.cost_now += cost_of(claim, claim.bytes);
  }
  double const unit = all * rules.unit;
  auto const gain = [&](std::size_t i) {
    return cost_of(claims[i], claims[i].bytes) - cost_of(claims[i], claims[i].bytes + unit);
  };
  auto const loss = [&](std::size_t i) {
    return cost_of(claims[i], claims[i].bytes - unit) - cost_of(claims[i], claims[i].bytes);
  };
  auto const least_of = [&](std::size_t i) { return std::max(all * rules.floor, claims[i].bytes / rules.step_max); };
  bool gives = false;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (gain(i) > gain(move.to)) move.to = i;
  }
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (i == move.to || claims[i].bytes - unit < least_of(i)) continue;
    if (!gives || loss(i) < loss(move.from)) move.from = i;
    gives = true;
  }
  if (!gives) return std::nullopt;
  BytesClaim const &from = claims[move.from];
  BytesClaim const &to = claims[move.to];
  while (from.bytes - move.bytes - unit >= least_of(move.from) &&
         to.bytes + move.bytes + unit <= to.bytes * rules.step_max) {
    double const bytes = move.bytes + unit;
    double const gained = cost_of(to, to.bytes) - cost_of(to, to.bytes + bytes);
    double const lost = cost_of(from, from.bytes - bytes) - cost_of(from, from.bytes);
    // Of this unit alone: those before it may pay for it, and it is not worth it all the same.
    if (gained - move.gained <= rules.ratio_min * (lost - move.lost)) break;
    move.bytes = bytes;
    move.gained = gained;
    move.lost = lost;
  }
  if (move.bytes <= 0 || move.gained - move.lost < rules.gain_min * move.cost_now) return std::nullopt;
  return move;
}

}  // namespace tableforge::tuner
