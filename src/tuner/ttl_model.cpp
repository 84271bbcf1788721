#include "tableforge/tuner/ttl_model.hpp"

#include <cmath>

namespace tableforge::tuner {

double TtlModel::cost(double ttl) const {
  // expm1: of a small μT the difference is all that counts.
  double const stale = reads * (ttl + std::expm1(-writes * ttl) / writes);
  return (miss_cost + stale_cost * stale + hold_cost * ttl) / (1 + reads * ttl);
}

double TtlModel::best_ttl() const { return (std::sqrt(1 + 2 * reads * miss_cost / (stale_cost * writes)) - 1) / reads; }

}  // namespace tableforge::tuner
