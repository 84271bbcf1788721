#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tableforge/base/fields.hpp"

namespace tableforge::tuner {

/// Domains whose trials would see each other's effects.
enum class CouplingGroup : std::uint8_t { cache_and_database, network, memory };

/// Who may try something now: one domain of each group at a time.
///
/// Threads: one.
class Budget {
 public:
  /// False while another domain of the group has it.
  bool take(CouplingGroup group, std::string_view domain) {
    auto &holder = holders_[static_cast<std::size_t>(group)];
    if (holder) return *holder == domain;
    holder = domain;
    return true;
  }
  void give_back(CouplingGroup group, std::string_view domain) {
    auto &holder = holders_[static_cast<std::size_t>(group)];
    if (holder == domain) holder.reset();
  }
  [[nodiscard]] std::optional<std::string> const &holder(CouplingGroup group) const {
    return holders_[static_cast<std::size_t>(group)];
  }

 private:
  std::array<std::optional<std::string>, 3> holders_;
};

}  // namespace tableforge::tuner

template <>
struct tableforge::Words<tableforge::tuner::CouplingGroup> {
  static constexpr std::array<std::string_view, 3> words{"cache_and_database", "network", "memory"};
};
