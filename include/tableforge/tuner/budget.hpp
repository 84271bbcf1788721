#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/fields.hpp"

namespace tableforge::tuner {

/// Domains whose trials would see each other's effects.
enum class CouplingGroup : std::uint8_t { cache_and_database, network, memory };

/// Who may try something now: one domain of each group at a time. Whoever was refused may stand in line, and comes
/// before who comes later; else a domain with short periods would never leave anything to one with long ones.
///
/// Threads: one.
/// Bounds:  each domain stands in a line once.
class Budget {
 public:
  /// False while another domain of the group has it, or was there before.
  bool take(CouplingGroup group, std::string_view domain) {
    if (!is_free(group, domain)) return false;
    leave(group, domain);
    place(group).holder = domain;
    return true;
  }
  void give_back(CouplingGroup group, std::string_view domain) {
    auto &holder = place(group).holder;
    if (holder == domain) holder.reset();
  }
  void stand_in_line(CouplingGroup group, std::string_view domain) {
    auto &line = place(group).line;
    if (std::ranges::find(line, domain) == line.end()) line.emplace_back(domain);
  }
  void leave(CouplingGroup group, std::string_view domain) { std::erase(place(group).line, domain); }

  /// Whether take() would succeed.
  [[nodiscard]] bool is_free(CouplingGroup group, std::string_view domain) const {
    auto const &[holder, line] = places_[static_cast<std::size_t>(group)];
    if (holder) return *holder == domain;
    return line.empty() || line.front() == domain;
  }
  /// Who has it.
  [[nodiscard]] std::optional<std::string> const &holder(CouplingGroup group) const {
    return places_[static_cast<std::size_t>(group)].holder;
  }

 private:
  struct Place {
    std::optional<std::string> holder;
    std::vector<std::string> line;
  };
  Place &place(CouplingGroup group) { return places_[static_cast<std::size_t>(group)]; }

  std::array<Place, 3> places_;
};

}  // namespace tableforge::tuner

template <>
struct tableforge::Words<tableforge::tuner::CouplingGroup> {
  static constexpr std::array<std::string_view, 3> words{"cache_and_database", "network", "memory"};
};
