#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tableforge/base/fields.hpp"

namespace tableforge::tuner {

/// How far the tuner may go. Each mode does what the one before it does, and one thing more.
enum class Mode : std::uint8_t {
  off,      ///< Nothing, not even looking.
  observe,  ///< Notes at each slot what is seen.
  dry_run,  ///< Ranks candidates and records which one it would try.
  canary,   ///< Tries candidates on 1/16, judges them there, and takes every one of them back.
  auto_,    ///< Keeps what is judged to be better.
};

/// What made the tuner act.
enum class Trigger : std::uint8_t {
  schedule,
  operator_,
  start,
  alarm,  ///< A domain noticed that its load became another one.
};

}  // namespace tableforge::tuner

template <>
struct tableforge::Words<tableforge::tuner::Mode> {
  static constexpr std::array<std::string_view, 5> words{"off", "observe", "dry-run", "canary", "auto"};
};
template <>
struct tableforge::Words<tableforge::tuner::Trigger> {
  static constexpr std::array<std::string_view, 4> words{"schedule", "operator", "start", "alarm"};
};
