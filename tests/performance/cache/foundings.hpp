#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tableforge/base/guarded.hpp"

namespace tableforge::test {

/// Tables as one writer founds them, one after the other, to tell how old a first page is that was read elsewhere.
///
/// Threads: any.
class Foundings {
 public:
  using Clock = std::chrono::steady_clock;

  void answered(std::string const &id, Clock::time_point at);
  [[nodiscard]] std::size_t size() const;

  /// For how long the page had been out of date when it was asked for. None if it is no piece of the list: one is
  /// missing between others.
  [[nodiscard]] std::optional<Clock::duration> age_of(std::vector<std::string> const &page,
                                                      Clock::time_point asked_at) const;

 private:
  struct State {
    std::vector<std::string> ids;
    std::vector<Clock::time_point> at;
    std::map<std::string, std::size_t> numbers;
  };
  mutable Guarded<State> state_;
};

}  // namespace tableforge::test
