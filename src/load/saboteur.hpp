#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>

#include "tableforge/load/ws_client.hpp"

namespace tableforge::load {

/// What is done to one action on its way.
enum class Trick : std::uint8_t {
  none,
  send_twice,  ///< Both at once, as a double click does.
  send_again,  ///< Once more when it has been answered.
  cut_before,  ///< The connection ends, then the action is sent on the next one.
  cut_within,  ///< It ends in the middle of the frame.
  cut_after,   ///< It ends behind the frame: the server has it, the answer is not seen.
  cut_soon,    ///< It ends a moment later, perhaps before the answer and perhaps after.
};

/// Decides, from a seed, what goes wrong.
///
/// Threads: one.
class Saboteur {
 public:
  Saboteur(std::uint64_t seed, double cut_rate, double repeat_rate);

  Trick trick();
  /// Whether somebody's connection is to be cut beside an action of somebody else.
  bool cuts_bystander() { return chance(cut_rate_); }
  WsClient::Cut cut() { return chance(0.5) ? WsClient::Cut::fin : WsClient::Cut::reset; }
  /// A moment about as long as an action takes: now, or in up to 4 ms.
  std::chrono::microseconds moment();
  std::size_t pick(std::size_t count);
  bool chance(double probability);

 private:
  std::mt19937_64 random_;
  double cut_rate_;
  double repeat_rate_;
};

}  // namespace tableforge::load
