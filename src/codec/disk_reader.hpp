#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tableforge/base/fields.hpp"
#include "tableforge/base/ids.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/table/action.hpp"
#include "tableforge/table/change.hpp"
#include "tableforge/table/state.hpp"

/// Reads back what DiskForm and write_json wrote. Anything unexpected throws Malformed, which the codec's entry points
/// turn into Errc::corrupt (or a sentence, for documents people write).
namespace tableforge::codec {

using Json = nlohmann::json;

struct Malformed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
void read(Json const &json, T &value);

// All overloads are declared before the first body: most of the types live in std, where no lookup by argument would
// find the later ones.
template <class T>
void read(Json const &json, std::vector<T> &list);
template <class T>
void read(Json const &json, std::optional<T> &value);
void read(Json const &json, table::Sight &sight);
void read(Json const &json, table::Audience &audience);
void read(Json const &json, table::State &state);
void read(Json const &json, table::TableCreated &created);
void read(Json const &json, table::Move &move);

template <class T>
void read(Json const &json, std::optional<T> &value) {
  read(json, value.emplace());
}

template <class T>
void read(Json const &json, std::vector<T> &list) {
  if (!json.is_array()) throw Malformed("expected a list");
  list.clear();
  list.reserve(json.size());
  for (auto const &each : json) read(each, list.emplace_back());
}

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// A field of `owner`, which must be there unless it is an optional one.
template <class Owner, class Member>
void read_field(Json const &json, Owner &owner, Field<Owner, Member> const &each) {
  auto const found = json.find(each.name);
  if (found != json.end()) {
    try {
      read(*found, owner.*each.member);
    } catch (Malformed const &inner) {
      throw Malformed(std::string(each.name) + ": " + inner.what());
    }
  } else if constexpr (!is_optional<Member>) {
    throw Malformed(std::string(each.name) + " is missing");
  }
}

template <class T>
void read(Json const &json, T &value) {
  if constexpr (Worded<T>) {
    auto const found = json.is_string() ? from_word<T>(json.get_ref<std::string const &>()) : std::nullopt;
    if (!found) throw Malformed("unknown word " + json.dump());
    value = *found;
  } else if constexpr (std::same_as<T, Time>) {
    auto const time = json.is_string() ? parse_rfc3339(json.get_ref<std::string const &>()) : std::nullopt;
    if (!time) throw Malformed("expected a time");
    value = *time;
  } else if constexpr (std::same_as<T, PieceId>) {
    auto const id = json.is_string() ? parse_piece_id(json.get_ref<std::string const &>()) : std::nullopt;
    if (!id) throw Malformed("expected a piece id");
    value = *id;
  } else if constexpr (std::same_as<T, Uuid>) {
    auto const uuid = json.is_string() ? Uuid::parse(json.get_ref<std::string const &>()) : std::nullopt;
    if (!uuid) throw Malformed("expected a uuid");
    value = *uuid;
  } else if constexpr (Described<T>) {
    if (!json.is_object()) throw Malformed("expected an object");
    for_each_field<T>([&](auto const &each) { read_field(json, value, each); });
  } else if constexpr (requires { value.value; }) {
    read(json, value.value);
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, SharedText>) {
    if (!json.is_string()) throw Malformed("expected a text");
    value = json.get_ref<std::string const &>();
  } else if constexpr (std::same_as<T, bool>) {
    if (!json.is_boolean()) throw Malformed("expected true or false");
    value = json.get<bool>();
  } else if constexpr (std::floating_point<T>) {
    if (!json.is_number()) throw Malformed("expected a number");
    value = json.get<T>();
  } else {
    static_assert(std::integral<T>);
    if (!json.is_number_integer()) throw Malformed("expected an integer");
    value = json.get<T>();
  }
}

}  // namespace tableforge::codec
