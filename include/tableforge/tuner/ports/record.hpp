#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tableforge/base/fields.hpp"
#include "tableforge/base/result.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/base/uuid.hpp"
#include "tableforge/tuner/candidate.hpp"
#include "tableforge/tuner/domain.hpp"
#include "tableforge/tuner/judge.hpp"
#include "tableforge/tuner/mode.hpp"

namespace tableforge::tuner {

enum class ActionState : std::uint8_t {
  proposed,  ///< A dry run: nothing was done, and nothing will be.
  trial,     ///< The intent: written before anything is applied, and the last word until the outcome is known.
  kept,
  reverted,
  undone,  ///< Found as a trial by a process that started, or ended from outside.
  set,     ///< By an operator: a pin, or a return to the boot configuration.
};

/// One line of the record. An action is told by one line, or by two with the same id: its intent and its outcome.
struct Action {
  Uuid id;
  Time at{};
  std::string domain;
  ActionState state = ActionState::proposed;
  std::vector<Change> changes;
  std::string cohort;  ///< "1/16, then 1/2".
  Trigger trigger = Trigger::schedule;
  Mode mode = Mode::off;
  double predicted_gain = 0;
  std::optional<double> realised_gain;  ///< Of a trial that measured something.
  std::string evidence;                 ///< JSON: readings, intervals, guards, weights.
  std::optional<Verdict> verdict;       ///< Of an outcome.
  std::string reason;
  std::string undo;               ///< What an operator types to take it back.
  std::uint64_t config_hash = 0;  ///< Of the settings in force, weights included.

  static constexpr auto fields() {
    return std::tuple(field("id", &Action::id), field("at", &Action::at), field("domain", &Action::domain),
                      field("state", &Action::state), field("changes", &Action::changes),
                      field("cohort", &Action::cohort), field("trigger", &Action::trigger),
                      field("mode", &Action::mode), field("predicted_gain", &Action::predicted_gain),
                      field("realised_gain", &Action::realised_gain), field("evidence", &Action::evidence),
                      field("verdict", &Action::verdict), field("reason", &Action::reason),
                      field("undo", &Action::undo), field("config_hash", &Action::config_hash));
  }
};

/// What is remembered of a knob across restarts. The last one written counts.
struct KnobState {
  std::string domain;
  std::string knob;
  std::optional<double> kept{};    ///< What the tuner came to; none: as the settings say.
  std::optional<double> pinned{};  ///< What an operator said, which wins.
  KnobMemory memory{};

  static constexpr auto fields() {
    return std::tuple(field("domain", &KnobState::domain), field("knob", &KnobState::knob),
                      field("kept", &KnobState::kept), field("pinned", &KnobState::pinned),
                      field("memory", &KnobState::memory));
  }
};

/// Where the tuner writes down what it does: to be found by people, and by itself after a crash.
///
/// Threads: the tuner's; calls may block.
/// Errors:  unavailable and the like. What a call refused was not written, or may have been: writing the same line
/// again
///          is harmless.
class Record {
 public:
  virtual ~Record() = default;

  /// Lines are never changed. A line that is there already is not written again (same id and state).
  [[nodiscard]] virtual Result<void> append(Action const &action) = 0;
  /// The intents of this domain that have no outcome, oldest first.
  [[nodiscard]] virtual Result<std::vector<Action>> unfinished(std::string_view domain) = 0;

  [[nodiscard]] virtual Result<void> remember(KnobState const &state) = 0;
  [[nodiscard]] virtual Result<std::vector<KnobState>> recall(std::string_view domain) = 0;

  [[nodiscard]] virtual Result<void> note(std::string_view domain, Observation const &observation) = 0;
};

}  // namespace tableforge::tuner

template <>
struct tableforge::Words<tableforge::tuner::ActionState> {
  static constexpr std::array<std::string_view, 6> words{"proposed", "trial", "kept", "reverted", "undone", "set"};
};
