#pragma once

namespace tableforge::tuner {

/// A cached key in the smallest model that has a best lifetime: reads and unheard writes that come by chance, each at a
/// constant rate.
///
/// From one fill to the next there are 1 + λT reads: the one that fills, and those within the lifetime T. Of these a
/// share is stale, because a write that nobody told of came before: a read at age a with probability 1 - e^(-μa), in
/// total λ(T - (1 - e^(-μT)) / μ). Costs are for each, and the value is held for T. So a read costs
///
///   J(T) = [C_m + C_s λ (T - (1 - e^(-μT)) / μ) + h T] / (1 + λT)
///
/// and with h = 0 and small μT, where the bracket is μT²/2, the least is where
///
///   T* = (√(1 + 2 λ C_m / (C_s μ)) - 1) / λ
///
/// It explains; decisions rest on what TtlShadow counts, which assumes no distribution.
///
/// Threads: any; pure.
struct TtlModel {
  double reads;          ///< λ, of the key, per second.
  double writes;         ///< μ, those that invalidate nothing: lost on the way, or of somebody else. Above 0.
  double miss_cost;      ///< C_m.
  double stale_cost;     ///< C_s. Above 0.
  double hold_cost = 0;  ///< h: of the value's memory for a second.

  /// J(T), of one read.
  [[nodiscard]] double cost(double ttl) const;
  /// T*, the closed form.
  [[nodiscard]] double best_ttl() const;
};

}  // namespace tableforge::tuner
