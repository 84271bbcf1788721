#include "load/load_plan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

namespace tableforge::load {

namespace {

using MixPart = std::pair<std::string_view, double LoadMix::*>;
constexpr std::array<MixPart, 5> kParts{MixPart{"move", &LoadMix::move}, MixPart{"draw", &LoadMix::draw},
                                        MixPart{"dice", &LoadMix::dice}, MixPart{"chat", &LoadMix::chat},
                                        MixPart{"presence", &LoadMix::presence}};

/// Up to the separator, which is taken off too.
std::string_view take_until(std::string_view &text, char separator) {
  auto const at = text.find(separator);
  auto const part = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return part;
}

std::optional<double> number_in(std::string_view text) {
  double value = 0;
  auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || !std::isfinite(value) || value < 0)
    return std::nullopt;
  return value;
}

std::string rate_name(double rate) { return grouped(rate) + "/s"; }

/// Cuts the second of the spike out of whatever phase it falls into.
std::vector<LoadPhase> with_spike(std::vector<LoadPhase> const &phases, LoadSpike spike) {
  constexpr double kSpikeSeconds = 1;
  std::vector<LoadPhase> result;
  double begin = 0;
  for (auto const &phase : phases) {
    double const end = begin + phase.seconds;
    double const from = std::clamp(spike.at_seconds, begin, end);
    double const to = std::clamp(spike.at_seconds + kSpikeSeconds, begin, end);
    auto const add = [&](std::string name, double seconds, double rate) {
      if (seconds > 0) result.push_back({.name = std::move(name), .seconds = seconds, .rate = rate});
    };
    if (to > from) {
      add(phase.name + " before the spike", from - begin, phase.rate);
      add("spike, " + rate_name(phase.rate * spike.factor), to - from, phase.rate * spike.factor);
      add(phase.name + " after the spike", end - to, phase.rate);
    } else {
      result.push_back(phase);
    }
    begin = end;
  }
  return result;
}

}  // namespace

std::string grouped(double value) {
  if (value < 100 && value != std::floor(value)) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
  }
  auto digits = std::to_string(std::llround(value));
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

std::string LoadMix::words() const {
  std::string text;
  for (auto const &[name, part] : kParts) {
    if (this->*part <= 0) continue;
    if (!text.empty()) text += ", ";
    text += std::string(name) + " " + grouped(100 * this->*part / sum()) + " %";
  }
  return text;
}

std::optional<LoadMix> parse_mix(std::string_view text) {
  LoadMix mix{.move = 0, .draw = 0, .dice = 0, .chat = 0, .presence = 0};
  while (!text.empty()) {
    auto part = take_until(text, ',');
    auto const name = take_until(part, '=');
    auto const known = std::ranges::find(kParts, name, &MixPart::first);
    auto const value = number_in(part);
    if (known == kParts.end() || !value) return std::nullopt;
    mix.*known->second = *value;
  }
  return mix.sum() > 0 ? std::optional(mix) : std::nullopt;
}

std::optional<LoadRamp> parse_ramp(std::string_view text) {
  auto const from = number_in(take_until(text, ':'));
  auto const to = number_in(take_until(text, ':'));
  auto const steps = number_in(text);
  if (!from || !to || !steps || *steps < 2 || *steps > 1'000 || *steps != std::floor(*steps)) return std::nullopt;
  return LoadRamp{.from = *from, .to = *to, .steps = static_cast<unsigned>(*steps)};
}

std::optional<LoadSpike> parse_spike(std::string_view text) {
  auto const factor = number_in(take_until(text, '@'));
  auto const at = number_in(text);
  if (!factor || !at || *factor <= 0) return std::nullopt;
  return LoadSpike{.factor = *factor, .at_seconds = *at};
}

std::vector<LoadPhase> phases_of(LoadOptions const &options) {
  double const seconds = std::chrono::duration<double>(options.duration).count();
  std::vector<LoadPhase> phases;
  if (options.ramp) {
    auto const &ramp = *options.ramp;
    for (unsigned step = 0; step < ramp.steps; ++step) {
      double const rate = ramp.from + (ramp.to - ramp.from) * step / (ramp.steps - 1);
      phases.push_back({.name = rate_name(rate), .seconds = seconds / ramp.steps, .rate = rate});
    }
  } else {
    phases.push_back({.name = rate_name(options.rate), .seconds = seconds, .rate = options.rate});
  }
  return options.spike ? with_spike(phases, *options.spike) : phases;
}

std::string words_of(LoadOptions const &options) {
  auto text =
      grouped(static_cast<double>(options.tables)) + " tables of " + std::to_string(options.players) + " players";
  if (options.spectators > 0) text += " and " + std::to_string(options.spectators) + " spectators";
  if (options.slow_readers > 0) text += ", " + std::to_string(options.slow_readers) + " slow readers";
  if (options.saturate) {
    text += "; the highest rate whose p99 is below " + std::to_string(options.saturate->count()) + " ms";
  } else if (options.ramp) {
    text += "; " + grouped(options.ramp->from) + " to " + rate_name(options.ramp->to) + " in " +
            std::to_string(options.ramp->steps) + " steps";
  } else {
    text += "; " + rate_name(options.rate);
  }
  if (!options.saturate) text += " over " + grouped(std::chrono::duration<double>(options.duration).count()) + " s";
  if (options.spike && !options.saturate) {
    text += ", for one second x" + grouped(options.spike->factor) + " at " + grouped(options.spike->at_seconds) + " s";
  }
  if (options.churn > 0) text += "; " + grouped(options.churn) + " connections/s cut and resumed";
  return text + "; " + options.mix.words();
}

}  // namespace tableforge::load
