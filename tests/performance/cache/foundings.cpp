#include "performance/cache/foundings.hpp"

namespace tableforge::test {

void Foundings::answered(std::string const &id, Clock::time_point at) {
  state_.with([&](State &state) {
    state.numbers.emplace(id, state.ids.size());
    state.ids.push_back(id);
    state.at.push_back(at);
  });
}

std::size_t Foundings::size() const {
  return state_.with([](State &state) { return state.ids.size(); });
}

std::optional<Foundings::Clock::duration> Foundings::age_of(std::vector<std::string> const &page,
                                                            Clock::time_point asked_at) const {
  return state_.with([&](State &state) -> std::optional<Clock::duration> {
    // The newest may be there before its founder is answered.
    std::size_t first = 0;
    while (first < page.size() && !state.numbers.contains(page[first])) ++first;
    auto const known = first < page.size() ? state.numbers.at(page[first]) + 1 : std::size_t{0};
    for (std::size_t i = first; i < page.size(); ++i) {
      auto const behind = i - first;
      // Older ones than the first are nobody's concern.
      if (behind >= known) break;
      if (state.ids[known - 1 - behind] != page[i]) return std::nullopt;
    }
    if (known == state.ids.size() || state.at[known] >= asked_at) return Clock::duration::zero();
    return asked_at - state.at[known];
  });
}

}  // namespace tableforge::test
