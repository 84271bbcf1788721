#pragma once

#include <concepts>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

#include "tableforge/base/fields.hpp"
#include "tableforge/base/ids.hpp"
#include "tableforge/base/json_writer.hpp"
#include "tableforge/base/time.hpp"

/// JSON of anything whose fields are described: the field list decides names and order, an absent optional is left
/// out. `Special` is a function object with an overload (JsonWriter &, T) for each type that wants a form of its own.
namespace tableforge {

template <class T, class Special>
void write_json(JsonWriter &writer, T const &value, Special const &special);

template <class T, class Special>
void write_field(JsonWriter &writer, std::string_view name, std::optional<T> const &value, Special const &special) {
  if (!value) return;
  writer.key(name);
  write_json(writer, *value, special);
}

template <class T, class Special>
void write_field(JsonWriter &writer, std::string_view name, T const &value, Special const &special) {
  writer.key(name);
  write_json(writer, value, special);
}

/// The fields without the braces, for an object that has more of them.
template <Described T, class Special>
void write_fields(JsonWriter &writer, T const &value, Special const &special) {
  for_each_field<T>([&](auto const &each) { write_field(writer, each.name, value.*each.member, special); });
}

template <class T, class Special>
void write_json(JsonWriter &writer, T const &value, Special const &special) {
  if constexpr (requires { special(writer, value); }) {
    special(writer, value);
  } else if constexpr (Worded<T>) {
    writer.string(word(value));
  } else if constexpr (std::same_as<T, bool>) {
    writer.boolean(value);
  } else if constexpr (std::integral<T> || std::floating_point<T>) {
    writer.number(value);
  } else if constexpr (std::convertible_to<T const &, std::string_view>) {
    writer.string(value);
  } else if constexpr (std::same_as<T, Time>) {
    writer.plain_string(kRfc3339Bytes, [&](char *out) { write_rfc3339(value, out); });
  } else if constexpr (std::same_as<T, PieceId>) {
    writer.plain_string(kPieceIdTextBytes, [&](char *out) { write_text(value, out); });
  } else if constexpr (std::same_as<T, Uuid>) {
    writer.plain_string(Uuid::kTextBytes, [&](char *out) { value.write_text(out); });
  } else if constexpr (requires { value.value; } && !Described<T> && !std::ranges::range<T>) {
    write_json(writer, value.value, special);
  } else if constexpr (Described<T>) {
    writer.begin_object();
    write_fields(writer, value, special);
    writer.end_object();
  } else {
    static_assert(std::ranges::range<T>, "this type has no JSON form: describe its fields or add an overload");
    writer.begin_array();
    for (auto const &each : value) write_json(writer, each, special);
    writer.end_array();
  }
}

}  // namespace tableforge
