#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "tableforge/table/chance.hpp"

namespace tableforge::table {

/// Fisher and Yates: every order equally likely.
template <class T>
void shuffle(std::vector<T> &list, Chance &chance) {
  for (std::size_t i = list.size(); i > 1; --i) {
    std::swap(list[i - 1], list[static_cast<std::size_t>(chance.below(i))]);
  }
}

}  // namespace tableforge::table
