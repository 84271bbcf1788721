#include "tableforge/table/action.hpp"

#include <array>
#include <utility>

#include "tableforge/base/stable_hash.hpp"

namespace tableforge::table {

namespace {

void add(StableHash &hash, std::string const &text) { hash.add(std::string_view(text)); }
void add(StableHash &hash, std::int64_t number) { hash.add(static_cast<std::uint64_t>(number)); }
void add(StableHash &hash, double number) { hash.add(number == 0 ? 0.0 : number); }  // -0 is 0.
void add(StableHash &hash, bool flag) { hash.add(std::uint64_t{flag}); }
void add(StableHash &hash, Uuid const &uuid) {
  hash.add(std::string_view(reinterpret_cast<char const *>(uuid.bytes.data()), uuid.bytes.size()));
}
void add(StableHash &hash, std::uint64_t number) { hash.add(number); }

template <Worded E>
void add(StableHash &hash, E value) {
  hash.add(word(value));
}

template <class Tag, class Value>
void add(StableHash &hash, Id<Tag, Value> const &id) {
  add(hash, id.value);
}

template <class T>
void add(StableHash &hash, std::vector<T> const &list);

template <Described T>
void add(StableHash &hash, T const &value);

void add(StableHash &hash, Audience const &audience) {
  add(hash, audience.all);
  add(hash, audience.players);
}

template <class T>
void add(StableHash &hash, OrNull<T> const &value) {
  add(hash, value.value.has_value());
  if (value.value) add(hash, *value.value);
}

template <class T>
void add(StableHash &hash, std::vector<T> const &list) {
  hash.add(std::uint64_t{list.size()});
  for (auto const &each : list) add(hash, each);
}

// Absent fields add nothing, so that a later optional field leaves today's fingerprints as they are.
template <class T>
void add_field(StableHash &hash, std::string_view name, std::optional<T> const &value) {
  if (!value) return;
  hash.add(name);
  add(hash, *value);
}

template <class T>
void add_field(StableHash &hash, std::string_view name, T const &value) {
  hash.add(name);
  add(hash, value);
}

template <Described T>
void add(StableHash &hash, T const &value) {
  for_each_field<T>([&](auto const &each) { add_field(hash, each.name, value.*each.member); });
}

template <std::size_t... I>
constexpr auto words_of(std::index_sequence<I...>) {
  return std::array<std::string_view, sizeof...(I) + 1>{std::variant_alternative_t<I, Operation>::op..., "player.join"};
}

constexpr auto kOpWords = words_of(std::make_index_sequence<kClientOperations>{});

}  // namespace

std::uint64_t fingerprint(Action const &action) {
  StableHash hash;
  hash.add(op_word(action.operation.index()));
  std::visit([&](auto const &operation) { add(hash, operation); }, action.operation);
  if (action.precondition) add(hash, *action.precondition);
  return hash.value();
}

std::string_view op_word(std::size_t operation_index) { return kOpWords.at(operation_index); }

}  // namespace tableforge::table
