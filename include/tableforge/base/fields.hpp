#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tableforge {

/// What a field may hold: characters of a text, elements of a list, or the value of a number.
struct Bound {
  std::int64_t min = std::numeric_limits<std::int64_t>::min();
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
};

/// One named member of a struct. A struct lists its fields once, in `static constexpr auto fields()`; the wire,
/// the disk form and fingerprints are all derived from that one list, so that they cannot drift apart.
template <class Owner, class Member>
struct Field {
  std::string_view name;
  Member Owner::*member;
  Bound bound;
};

template <class Owner, class Member>
constexpr Field<Owner, Member> field(std::string_view name, Member Owner::*member, Bound bound = {}) {
  return {name, member, bound};
}

template <class T>
concept Described = requires { T::fields(); };

/// Calls f(field) for each field of T, in declaration order.
template <Described T, class F>
constexpr void for_each_field(F &&f) {
  std::apply([&](auto const &...each) { (f(each), ...); }, T::fields());
}

/// The words of an enumeration, in the order of its values. Specialise with a constexpr array `words` whose index
/// is the enumerator's value.
template <class E>
struct Words;

template <class E>
concept Worded = std::is_enum_v<E> && requires { Words<E>::words; };

template <Worded E>
constexpr std::string_view word(E value) {
  return Words<E>::words[static_cast<std::size_t>(value)];
}

template <Worded E>
constexpr std::optional<E> from_word(std::string_view text) {
  for (std::size_t i = 0; i < Words<E>::words.size(); ++i) {
    if (Words<E>::words[i] == text) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace tableforge
