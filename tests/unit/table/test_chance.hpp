#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tableforge/table/chance.hpp"

namespace tableforge::table::test {

/// Chance that repeats itself: the same seed gives the same draws, on every platform. SplitMix64, which takes any
/// seed, 0 too, and passes the statistical tests that matter here.
class SeededChance final : public Chance {
 public:
  explicit SeededChance(std::uint64_t seed) : state_(seed) {}

  std::uint64_t bits() override {
    ++drawn_;
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
  }

  [[nodiscard]] std::size_t drawn() const { return drawn_; }

 private:
  std::uint64_t state_;
  std::size_t drawn_ = 0;
};

/// Chance that says what it is told to: a word below n makes below(n) give just that word, so a d6 that shall show
/// v is scripted as v - 1. Drawing more than the script has throws, which fails the test.
class ScriptedChance final : public Chance {
 public:
  explicit ScriptedChance(std::vector<std::uint64_t> script) : script_(std::move(script)) {}

  std::uint64_t bits() override {
    if (drawn_ == script_.size()) throw std::out_of_range("more was drawn from chance than the test has scripted");
    return script_[drawn_++];
  }

  [[nodiscard]] std::size_t drawn() const { return drawn_; }

 private:
  std::vector<std::uint64_t> script_;
  std::size_t drawn_ = 0;
};

}  // namespace tableforge::table::test
