#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>

#include "tableforge/base/guarded.hpp"
#include "tableforge/base/result.hpp"
#include "tableforge/tuner/ports/index_spec.hpp"

#include "storage/watchdog.hpp"

namespace tableforge::storage {

/// Builds one index at a time, on a session and a thread of its own, and never in the way of a question.
///
/// Threads: one for the calls, one for the build.
/// Owns:    both. Its end shuts the session's socket and waits; the server notices some seconds later.
/// Errors:  a build's end in failure is data, and in the log.
class IndexBuilder {
 public:
  struct Options {
    std::string conninfo;
    std::chrono::milliseconds build_timeout;
    std::chrono::milliseconds lock_timeout;
  };
  enum class Phase : std::uint8_t { none, under_way, built, failed };
  struct State {
    Phase phase = Phase::none;
    std::string name;  ///< Of the index.
    int backend = 0;   ///< The process that builds it; 0 while there is none.
  };

  explicit IndexBuilder(Options options) : options_(std::move(options)) {}
  ~IndexBuilder();
  IndexBuilder(IndexBuilder const &) = delete;
  IndexBuilder &operator=(IndexBuilder const &) = delete;

  /// conflict while one is being built.
  [[nodiscard]] Result<void> begin(tuner::IndexSpec const &spec);
  [[nodiscard]] State state() const {
    return state_.with([](State const &state) { return state; });
  }

 private:
  void build(tuner::IndexSpec const &spec);

  Options const options_;
  Watchdog watchdog_;
  Guarded<State> state_;
  std::jthread thread_;
};

}  // namespace tableforge::storage
