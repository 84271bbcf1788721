#include "storage/cache_classes.hpp"

#include <charconv>
#include <memory>
#include <string_view>
#include <utility>

#include "tableforge/base/heap_bytes.hpp"
#include "tableforge/codec/state_document.hpp"

#include "storage/lobby_page.hpp"

namespace tableforge {

template <>
struct HeldOutside<lobby::TableRecord> {
  static std::size_t of(lobby::TableRecord const &table) {
    return held_heap_bytes(table.name) + held_heap_bytes(table.system);
  }
};

}  // namespace tableforge

namespace tableforge::storage {

namespace {

using cache::Mutability;
using metrics::CacheClass;

/// What make_shared puts before the value.
constexpr std::size_t kShareBytes = 2 * sizeof(void *);

template <class V>
std::size_t shared_bytes() {
  return heap_bytes(kShareBytes + sizeof(V));
}

std::size_t bytes_of(host::KeptState const &state) {
  return shared_bytes<host::KeptState>() + held_heap_bytes(state.document) +
         (state.state ? shared_bytes<table::State>() + state.state->held_bytes() : 0);
}

/// "seq snapshot_seq", a line's end, the document.
std::string encode(host::KeptState const &state) {
  return std::to_string(state.seq) + ' ' + std::to_string(state.snapshot_seq) + '\n' +
         (state.state ? codec::encode_state(*state.state) : state.document);
}

Result<std::shared_ptr<host::KeptState const>> decode_state(std::string_view bytes) {
  auto const wrong = fail(Errc::corrupt, "a state that was kept does not begin with its numbers");
  host::KeptState state;
  char const *const end = bytes.data() + bytes.size();
  auto const seq = std::from_chars(bytes.data(), end, state.seq);
  if (seq.ec != std::errc{} || seq.ptr == end || *seq.ptr != ' ') return wrong;
  auto const snapshot_seq = std::from_chars(seq.ptr + 1, end, state.snapshot_seq);
  if (snapshot_seq.ec != std::errc{} || snapshot_seq.ptr == end || *snapshot_seq.ptr != '\n') return wrong;
  if (state.seq == 0 || state.snapshot_seq > state.seq) return wrong;
  state.document.assign(snapshot_seq.ptr + 1, end);
  return std::make_shared<host::KeptState const>(std::move(state));
}

}  // namespace

CacheClasses::CacheClasses(Knobs const &knobs, Audits audits)
    : table_state({.id = CacheClass::table_state,
                   .mutability = Mutability::mutable_,
                   .knobs = knobs.cache_table_state,
                   .bytes = [](host::KeptState const &state) { return bytes_of(state); },
                   .encode = [](host::KeptState const &state) { return encode(state); },
                   .decode = decode_state,
                   .unseen = std::move(audits.table_state)}),
      lobby_page(
          {.id = CacheClass::lobby_page,
           .mutability = Mutability::mutable_,
           .knobs = knobs.cache_lobby_page,
           .bytes =
               [](std::vector<lobby::TableRecord> const &tables) {
                 return shared_bytes<std::vector<lobby::TableRecord>>() + held_heap_bytes(tables);
               },
           .encode = encode_lobby_page,
           .decode = [](std::string_view bytes) -> Result<std::shared_ptr<std::vector<lobby::TableRecord> const>> {
             auto tables = decode_lobby_page(bytes);
             if (!tables) return std::unexpected(tables.error());
             return std::make_shared<std::vector<lobby::TableRecord> const>(std::move(*tables));
           },
           .unseen = std::move(audits.lobby_page)}),
      history_page(
          {.id = CacheClass::history_page,
           .mutability = Mutability::immutable,
           .knobs = knobs.cache_history_page,
           .bytes = [](std::string const &body) { return shared_bytes<std::string>() + held_heap_bytes(body); },
           .encode = [](std::string const &body) { return body; },
           .decode = [](std::string_view bytes) -> Result<std::shared_ptr<std::string const>> {
             return std::make_shared<std::string const>(bytes);
           }}) {}

}  // namespace tableforge::storage
