#pragma once

#include <stdexcept>

namespace tableforge::load {

/// What ends the play of one game or table, in words for a person. Thrown inside this module only: coroutines carry it
/// to the one place that reports it.
class Trouble : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace tableforge::load
