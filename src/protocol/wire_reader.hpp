#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "tableforge/base/fields.hpp"
#include "tableforge/base/ids.hpp"
#include "tableforge/protocol/client_message.hpp"
#include "tableforge/table/action.hpp"

namespace tableforge::protocol {

using Json = nlohmann::json;

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

Outcome read_text(Json const &json, std::string &value, Bound bound);
Outcome read_integer(Json const &json, std::int64_t &value, Bound bound);
Outcome read_number(Json const &json, double &value, Bound bound);
Outcome read_uuid(Json const &json, Uuid &value);
Outcome read_piece_id(Json const &json, PieceId &value);

// The strict reader: declared first, so that each form can hold any other.
template <class T>
Outcome read(Json const &json, std::optional<T> &value, Bound bound);
template <class T>
Outcome read(Json const &json, table::OrNull<T> &value, Bound bound);
template <class T>
Outcome read(Json const &json, std::vector<T> &list, Bound bound);
Outcome read(Json const &json, table::Audience &audience, Bound bound);
Outcome read(Json const &json, Point &point, Bound bound);
template <class T>
Outcome read(Json const &json, T &value, Bound bound);

template <class T>
Outcome read(Json const &json, std::optional<T> &value, Bound bound) {
  return read(json, value.emplace(), bound);
}

template <class T>
Outcome read(Json const &json, table::OrNull<T> &value, Bound bound) {
  if (json.is_null()) return std::nullopt;
  return read(json, value.value.emplace(), bound);
}

template <class T>
Outcome read(Json const &json, std::vector<T> &list, Bound bound) {
  if (!json.is_array()) return Fault{"expected a list", "", {}};
  auto const size = static_cast<std::int64_t>(json.size());
  if (size < bound.min) return Fault{"the list is too short", "", {}};
  if (size > bound.max) return Fault{"the list is too long", "", {}};
  list.reserve(json.size());
  // The bound of a list is on its length; its elements have the bounds of names unless their fields say otherwise.
  for (auto const &each : json) {
    if (auto fault = read(each, list.emplace_back(), table::kIdBound)) {
      return inside("[" + std::to_string(list.size() - 1) + "]", std::move(*fault));
    }
  }
  return std::nullopt;
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <Described T>
Outcome read_fields(Json const &json, T &value) {
  if (!json.is_object()) return Fault{"expected an object", "", {}};
  Outcome outcome;
  std::size_t known = 0;
  for_each_field<T>([&](auto const &each) {
    if (outcome) return;
    auto &member = value.*each.member;
    auto const found = json.find(each.name);
    if (found != json.end()) {
      ++known;
      if (auto fault = read(*found, member, each.bound)) outcome = inside(each.name, std::move(*fault));
    } else if constexpr (!is_optional<std::remove_cvref_t<decltype(member)>>) {
      outcome = Fault{"the field is missing", std::string(each.name), {}};
    }
  });
  if (outcome || known == json.size()) return outcome;
  for (auto const &[name, unused] : json.items()) {
    bool described = false;
    for_each_field<T>([&](auto const &each) { described = described || each.name == name; });
    if (!described) return Fault{"there is no such field", clipped(name), {}};
  }
  return std::nullopt;
}

template <class T>
Outcome read(Json const &json, T &value, Bound bound) {
  if constexpr (Described<T>) {
    return read_fields(json, value);
  } else if constexpr (Worded<T>) {
    auto const found = json.is_string() ? from_word<T>(json.get_ref<std::string const &>()) : std::nullopt;
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
  } else if constexpr (std::same_as<T, bool>) {
    if (!json.is_boolean()) return Fault{"expected true or false", "", {}};
    value = json.get<bool>();
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
