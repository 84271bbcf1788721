#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "tableforge/base/fields.hpp"

#include "gateway/refusal.hpp"

/// JSON bodies of requests, read into structs that describe their fields: as strict as messages on the socket, and
/// refused in the same words.
namespace tableforge::gateway {

using Json = nlohmann::json;

/// A name: not a control character in it, which the lobby would refuse when it is too late.
std::optional<Refusal> read_text(Json const &json, std::string &value, Bound bound);
std::optional<Refusal> read_integer(Json const &json, std::int64_t &value, Bound bound);
/// The document, which is an object; an empty body is an empty object.
std::expected<Json, Refusal> parse_body(std::string_view body);

template <class T>
std::optional<Refusal> read_value(Json const &json, T &value, Bound bound) {
  if constexpr (Worded<T>) {
    auto const found = json.is_string() ? from_word<T>(json.get_ref<std::string const &>()) : std::nullopt;
    if (!found) return Refusal{.message = "expected one of " + words_of<T>()};
    value = *found;
    return std::nullopt;
  } else if constexpr (std::same_as<T, std::string>) {
    return read_text(json, value, bound);
  } else if constexpr (std::same_as<T, std::int64_t>) {
    return read_integer(json, value, bound);
  } else if constexpr (requires { value.emplace(); }) {
    return read_value(json, value.emplace(), bound);
  } else {
    return read_value(json, value.value, bound);
  }
}

template <class T>
inline constexpr bool kMayBeAbsent = false;
template <class T>
inline constexpr bool kMayBeAbsent<std::optional<T>> = true;

template <Described T>
std::expected<T, Refusal> read_body(std::string_view body) {
  auto const json = parse_body(body);
  if (!json) return std::unexpected(json.error());
  T value;
  std::optional<Refusal> refusal;
  for_each_field<T>([&](auto const &each) {
    if (refusal) return;
    auto &member = value.*each.member;
    auto const found = json->find(each.name);
    if (found != json->end()) {
      refusal = read_value(*found, member, each.bound);
    } else if constexpr (!kMayBeAbsent<std::remove_cvref_t<decltype(member)>>) {
      refusal = Refusal{.message = "the field is missing"};
    }
    if (refusal) refusal->path = each.name;
  });
  if (refusal) return std::unexpected(std::move(*refusal));
  for (auto const &[name, unused] : json->items()) {
    bool described = false;
    for_each_field<T>([&](auto const &each) { described = described || each.name == name; });
    if (!described) return std::unexpected(Refusal{.message = "there is no such field", .path = name});
  }
  return value;
}

}  // namespace tableforge::gateway
