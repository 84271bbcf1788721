#pragma once

#include <tuple>

#include "tableforge/base/fields.hpp"

namespace tableforge::tuner {

/// What a unit of each kind of cost is worth, in CPU-milliseconds: settings, copied into every record, so that an old
/// decision can be judged by the prices it was made with.
struct Weights {
  double cpu_ms = 1;
  double db_ms = 1;          ///< The database's time, which several instances share.
  double stale_read = 10;    ///< Somebody was shown what was no longer so.
  double slo_excess_ms = 1;  ///< A millisecond that an answer took beyond its objective.
  double held_mib_s = 0;     ///< A MiB held for a second: nothing, unless memory is short.

  static constexpr auto fields() {
    return std::tuple(field("cpu_ms", &Weights::cpu_ms), field("db_ms", &Weights::db_ms),
                      field("stale_read", &Weights::stale_read), field("slo_excess_ms", &Weights::slo_excess_ms),
                      field("held_mib_s", &Weights::held_mib_s));
  }
};

/// What serving some requests has cost.
struct Cost {
  double requests = 0;
  double cpu_ms = 0;
  double db_ms = 0;
  double stale_reads = 0;
  double slo_excess_ms = 0;
  double held_mib_s = 0;

  static constexpr auto fields() {
    return std::tuple(field("requests", &Cost::requests), field("cpu_ms", &Cost::cpu_ms), field("db_ms", &Cost::db_ms),
                      field("stale_reads", &Cost::stale_reads), field("slo_excess_ms", &Cost::slo_excess_ms),
                      field("held_mib_s", &Cost::held_mib_s));
  }

  Cost &operator+=(Cost const &other) {
    for_each_field<Cost>([&](auto const &each) { this->*each.member += other.*each.member; });
    return *this;
  }
  Cost &operator-=(Cost const &other) {
    for_each_field<Cost>([&](auto const &each) { this->*each.member -= other.*each.member; });
    return *this;
  }
  friend bool operator==(Cost const &, Cost const &) = default;
};

/// All of it in the one currency.
[[nodiscard]] constexpr double price(Cost const &cost, Weights const &weights) {
  return weights.cpu_ms * cost.cpu_ms + weights.db_ms * cost.db_ms + weights.stale_read * cost.stale_reads +
         weights.slo_excess_ms * cost.slo_excess_ms + weights.held_mib_s * cost.held_mib_s;
}

/// J, the objective: what 1,000 requests cost. Lower is better. 0 of no requests.
[[nodiscard]] constexpr double objective(Cost const &cost, Weights const &weights) {
  return cost.requests > 0 ? price(cost, weights) * 1000 / cost.requests : 0;
}

}  // namespace tableforge::tuner
