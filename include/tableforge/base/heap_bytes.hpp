#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "tableforge/base/fields.hpp"
#include "tableforge/base/ids.hpp"
#include "tableforge/base/shared_text.hpp"

/// What values take of the heap, counted without asking the allocator: for budgets of memory in bytes.
namespace tableforge {

/// What a block of so many bytes takes of the heap: jemalloc, with which the server runs, rounds up to one of four
/// sizes between two powers of two, and to 16 bytes below.
constexpr std::size_t heap_bytes(std::size_t asked) {
  if (asked <= 8) return 8;
  std::size_t const spacing = std::max(std::bit_ceil(asked) / 8, std::size_t{16});
  return (asked + spacing - 1) / spacing * spacing;
}

template <class T>
struct HeldOutside;

/// What a value holds of the heap outside of itself, with all that it owns.
template <class T>
std::size_t held_heap_bytes(T const &value) {
  return HeldOutside<T>::of(value);
}

template <class T>
struct HeldOutside {
  static std::size_t of(T const &value) {
    if constexpr (Described<T>) {
      std::size_t bytes = 0;
      for_each_field<T>([&](auto const &each) { bytes += held_heap_bytes(value.*each.member); });
      return bytes;
    } else {
      static_assert(std::is_trivially_copyable_v<T>, "say what it holds: specialise HeldOutside");
      return 0;
    }
  }
};

/// Short texts lie in the string itself.
template <>
struct HeldOutside<std::string> {
  static std::size_t of(std::string const &text) {
    return text.capacity() > std::string().capacity() ? heap_bytes(text.capacity() + 1) : 0;
  }
};

template <>
struct HeldOutside<SharedText> {
  static std::size_t of(SharedText const &text) { return text.held_bytes(); }
};

template <class T>
struct HeldOutside<std::vector<T>> {
  static std::size_t of(std::vector<T> const &list) {
    std::size_t bytes = list.capacity() > 0 ? heap_bytes(list.capacity() * sizeof(T)) : 0;
    for (auto const &each : list) bytes += held_heap_bytes(each);
    return bytes;
  }
};

template <class T>
struct HeldOutside<std::optional<T>> {
  static std::size_t of(std::optional<T> const &value) { return value ? held_heap_bytes(*value) : 0; }
};

template <class Tag, class Value>
struct HeldOutside<Id<Tag, Value>> {
  static std::size_t of(Id<Tag, Value> const &id) { return held_heap_bytes(id.value); }
};

}  // namespace tableforge
