#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tableforge/tuner/candidate.hpp"
#include "tableforge/tuner/domain.hpp"
#include "tableforge/tuner/mode.hpp"

namespace tableforge::tuner {

/// What one slot of a domain came to: what a dry run prints.
struct Report {
  std::string domain;
  Time at{};
  Mode mode = Mode::off;
  Weights weights;
  Observation observation;
  std::optional<Candidate> chosen;
  std::optional<Candidate> runner_up;
  std::vector<Guard> guards;
  std::chrono::milliseconds duration{};  ///< Of the trial.
  std::string undo;
  std::vector<IdleKnob> idle;  ///< Every other knob, and why nothing.
  bool began = false;          ///< The trial has begun.
  std::string hindrance;       ///< Why it has not, if it should have.
};

/// For people: a line each, the numbers as they are.
[[nodiscard]] std::string to_text(Report const &report);

}  // namespace tableforge::tuner
