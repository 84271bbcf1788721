#include "load/saboteur.hpp"

#include <array>

namespace tableforge::load {

namespace {

constexpr std::array kCuts{Trick::cut_before, Trick::cut_within, Trick::cut_after, Trick::cut_soon};

}  // namespace

Saboteur::Saboteur(std::uint64_t seed, double cut_rate, double repeat_rate)
    : random_(seed), cut_rate_(cut_rate), repeat_rate_(repeat_rate) {}

Trick Saboteur::trick() {
  if (chance(cut_rate_)) return kCuts[pick(kCuts.size())];
  if (chance(repeat_rate_)) return chance(0.5) ? Trick::send_twice : Trick::send_again;
  return Trick::none;
}

std::chrono::microseconds Saboteur::moment() {
  return chance(0.5) ? std::chrono::microseconds(0) : std::chrono::microseconds(pick(4'000));
}

std::size_t Saboteur::pick(std::size_t count) {
  return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
}

bool Saboteur::chance(double probability) { return std::bernoulli_distribution(probability)(random_); }

}  // namespace tableforge::load
