#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/time.hpp"
#include "tableforge/knobs/any_knob.hpp"
#include "tableforge/tuner/breach_watch.hpp"
#include "tableforge/tuner/mode.hpp"
#include "tableforge/tuner/ports/record.hpp"
#include "tableforge/tuner/stage_blame.hpp"

namespace tableforge::tuner {

/// Something that may be done at once about a stage that has become slow: one knob, one way, so far.
struct Remedy {
  Stage stage{};
  AnyKnob *knob = nullptr;
  /// A value with more of the remedy than this one; the same value if there is no more of it.
  std::function<double(double)> more;
};

/// A value that a knob has for a while.
struct Lease {
  AnyKnob *knob = nullptr;
  Stage stage{};  ///< For whose sake.
  double from = 0;
  double to = 0;
  Time until{};
};

/// Watches the latency always, and does something about it within seconds, where the loop takes half an hour.
///
/// A breach of the objective is blamed on the stage whose delay has grown, or, where nothing can be done about that,
/// on the one behind it. What is done comes from a fixed list, one thing at a time, and none of it for long: each is a
/// lease that ends by itself and gives the prior value back, so that what was meant for a bad minute does not stay.
/// Leases live in the process: one that restarts has none. A knob that somebody else turned meanwhile is let go.
///
/// It acts in mode auto. In any other it only watches, and leases that there are end.
///
/// Threads: one, the tuner's.
/// Owns:    neither knobs nor record, which outlive it.
/// Bounds:  one lease for each knob of the list.
/// Errors:  a record that is away stops nothing.
class ReactiveMonitor {
 public:
  struct Options {
    std::chrono::milliseconds second{1'000};
    std::chrono::milliseconds apart{10'000};  ///< From one move to the next.
    std::chrono::milliseconds lease{600'000};
    std::uint64_t config_hash = 0;
  };
  /// What the latest second was like.
  struct Second {
    double answers = 0;
    double p99_ms = 0;   ///< Of these.
    double waiting = 0;  ///< Actions that had no answer when it ended.
    StageDelays delays{};
  };

  ReactiveMonitor(std::vector<Remedy> remedies, Record &record, Options const &options);

  /// When step() is to be called next.
  [[nodiscard]] Time next() const { return next_; }
  /// True if a second is over, and is to be told by step().
  [[nodiscard]] bool due(Time now) const { return now >= next_; }
  void step(Time now, Mode mode, Second const &second, double objective_ms);
  /// Ends all leases. `reason` is a literal.
  void end(std::string_view reason, Time now, Mode mode);
  /// Ends the lease of this knob, if it has one.
  void end(std::string_view knob, std::string_view reason, Time now, Mode mode);

  [[nodiscard]] bool breached() const { return watch_.breached(); }
  [[nodiscard]] std::optional<Time> breached_since() const { return breached_since_; }
  /// The stage that is blamed for the breach there is; none if none explains it.
  [[nodiscard]] std::optional<Stage> blamed() const { return blamed_; }
  [[nodiscard]] std::vector<Lease> const &leases() const { return leases_; }
  /// How many moves it has made for the sake of a stage, of all that it ever made.
  [[nodiscard]] std::uint64_t moves(Stage stage) const { return moves_[static_cast<std::size_t>(stage)]; }

 private:
  void act(Time now, Mode mode, double objective_ms);
  bool relieve(Stage stage, Time now, Mode mode, double objective_ms);
  /// Gives the prior value back, and says so.
  void give_back(Lease const &lease, std::string_view reason, Time now, Mode mode);
  void tell(Change change, std::string reason, Time now, Mode mode, double objective_ms);

  std::vector<Remedy> remedies_;
  Record &record_;
  Options options_;

  BreachWatch watch_;
  StageBlame blame_;
  double p99_ms_ = 0;
  std::optional<Time> breached_since_;
  std::optional<Stage> blamed_;
  std::vector<Lease> leases_;
  std::optional<Time> moved_;
  std::array<std::uint64_t, kStages> moves_{};
  Time next_{};
};

}  // namespace tableforge::tuner
