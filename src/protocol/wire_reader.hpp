#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/fields.hpp"
#include "tableforge/base/ids.hpp"
#include "tableforge/protocol/client_message.hpp"
#include "tableforge/table/action.hpp"

#include "protocol/json_tape.hpp"

namespace tableforge::protocol {

/// What is wrong, and where; the path is put together on the way out.
struct Fault {
  std::string message;
  std::string path;
  ErrorCode code = ErrorCode::bad_request;
};

using Outcome = std::optional<Fault>;  ///< Nothing is good.

inline Fault inside(std::string_view name, Fault fault) {
  bool const joined = fault.path.empty() || fault.path.front() == '[';
  fault.path = std::string(name) + (joined ? "" : ".") + fault.path;
  return fault;
}

/// A name of the client's choosing, short enough to be told back to it.
std::string clipped(std::string_view name);

/// Characters of valid UTF-8: all bytes but continuations.
std::int64_t characters(std::string_view text);

Outcome read_text(JsonNode const &json, std::string &value, Bound bound);
Outcome read_integer(JsonNode const &json, std::int64_t &value, Bound bound);
Outcome read_number(JsonNode const &json, double &value, Bound bound);
Outcome read_uuid(JsonNode const &json, Uuid &value);
Outcome read_piece_id(JsonNode const &json, PieceId &value);

// The strict reader: declared first, so that each form can hold any other.
template <class T>
Outcome read(JsonNode const &json, std::optional<T> &value, Bound bound);
template <class T>
Outcome read(JsonNode const &json, table::OrNull<T> &value, Bound bound);
template <class T>
Outcome read(JsonNode const &json, std::vector<T> &list, Bound bound);
Outcome read(JsonNode const &json, table::Audience &audience, Bound bound);
Outcome read(JsonNode const &json, Point &point, Bound bound);
template <class T>
Outcome read(JsonNode const &json, T &value, Bound bound);

template <class T>
Outcome read(JsonNode const &json, std::optional<T> &value, Bound bound) {
  return read(json, value.emplace(), bound);
}

template <class T>
Outcome read(JsonNode const &json, table::OrNull<T> &value, Bound bound) {
  if (json.is(JsonNode::Kind::null)) return std::nullopt;
  return read(json, value.value.emplace(), bound);
}

template <class T>
Outcome read(JsonNode const &json, std::vector<T> &list, Bound bound) {
  if (!json.is(JsonNode::Kind::list)) return Fault{"expected a list", "", {}};
  auto const size = static_cast<std::int64_t>(json.size());
  if (size < bound.min) return Fault{"the list is too short", "", {}};
  if (size > bound.max) return Fault{"the list is too long", "", {}};
  list.reserve(json.size());
  // The bound of a list is on its length; its elements have the bounds of names unless their fields say otherwise.
  for (auto const *each = json.first(); each != json.next(); each = each->next()) {
    if (auto fault = read(*each, list.emplace_back(), table::kIdBound)) {
      return inside("[" + std::to_string(list.size() - 1) + "]", std::move(*fault));
    }
  }
  return std::nullopt;
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// Of the members that `is_known` does not know, names the first in the order of their bytes.
template <class IsKnown>
Outcome unknown_member(JsonNode const &json, IsKnown &&is_known) {
  std::optional<std::string_view> unknown;
  json.for_each_member([&](std::string_view name, JsonNode const &) {
    if (!is_known(name) && (!unknown || name < *unknown)) unknown = name;
  });
  if (!unknown) return std::nullopt;
  return Fault{"there is no such field", clipped(*unknown), {}};
}

template <Described T>
Outcome read_fields(JsonNode const &json, T &value) {
  if (!json.is(JsonNode::Kind::object)) return Fault{"expected an object", "", {}};
  constexpr auto kFields = T::fields();
  constexpr auto kCount = std::tuple_size_v<decltype(kFields)>;
  constexpr auto kEach = std::make_index_sequence<kCount>();
  // One pass over the members finds all fields; of a repeated name the last counts.
  std::array<JsonNode const *, kCount> found{};
  bool all_known = true;
  json.for_each_member([&](std::string_view name, JsonNode const &member) {
    auto const take = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return ((name == std::get<I>(kFields).name && (found[I] = &member, true)) || ...);
    };
    if (!take(kEach)) all_known = false;
  });
  Outcome outcome;
  auto const read_field = [&]<std::size_t I>() {
    auto const &field = std::get<I>(kFields);
    auto &member = value.*field.member;
    if (found[I] != nullptr) {
      if (auto fault = read(*found[I], member, field.bound)) outcome = inside(field.name, std::move(*fault));
    } else if constexpr (!is_optional<std::remove_cvref_t<decltype(member)>>) {
      outcome = Fault{"the field is missing", std::string(field.name), {}};
    }
    return !outcome;
  };
  auto const read_all = [&]<std::size_t... I>(std::index_sequence<I...>) {
    return (read_field.template operator()<I>() && ...);
  };
  if (!read_all(kEach) || all_known) return outcome;
  return unknown_member(json, [](std::string_view name) {
    bool known = false;
    for_each_field<T>([&](auto const &each) { known = known || each.name == name; });
    return known;
  });
}

template <class T>
Outcome read(JsonNode const &json, T &value, Bound bound) {
  if constexpr (Described<T>) {
    return read_fields(json, value);
  } else if constexpr (Worded<T>) {
    auto const found = json.is(JsonNode::Kind::text) ? from_word<T>(json.text()) : std::nullopt;
    if (!found) {
      std::string words;
      for (auto const each : Words<T>::words) words += (words.empty() ? "" : ", ") + std::string(each);
      return Fault{"expected one of " + words, "", {}};
    }
    value = *found;
    return std::nullopt;
  } else if constexpr (std::same_as<T, PieceId>) {
    return read_piece_id(json, value);
  } else if constexpr (std::same_as<T, Uuid>) {
    return read_uuid(json, value);
  } else if constexpr (std::same_as<T, std::string>) {
    return read_text(json, value, bound);
  } else if constexpr (std::same_as<T, SharedText>) {
    std::string text;
    if (auto fault = read_text(json, text, bound)) return fault;
    value = text;
    return std::nullopt;
  } else if constexpr (std::same_as<T, bool>) {
    if (!json.is(JsonNode::Kind::boolean)) return Fault{"expected true or false", "", {}};
    value = json.boolean();
    return std::nullopt;
  } else if constexpr (std::same_as<T, double>) {
    return read_number(json, value, bound);
  } else if constexpr (std::same_as<T, std::int64_t>) {
    return read_integer(json, value, bound);
  } else {
    return read(json, value.value, bound);
  }
}

}  // namespace tableforge::protocol
