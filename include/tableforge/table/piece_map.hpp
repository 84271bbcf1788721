#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "tableforge/base/check.hpp"
#include "tableforge/base/heap_bytes.hpp"
#include "tableforge/base/ids.hpp"

namespace tableforge::table {

/// What lies under which piece id, in two blocks of memory, however many pieces there are.
///
/// States are copied whenever actions outrun their commits, and tables are many: a node for each piece makes a copy
/// dozens of allocations, and leaves as many holes behind. Here the entries lie side by side, in no order, and an
/// index of 16-bit places says where. Lookup, erasure and renaming take constant time, insertion on average; ids are
/// drawn at random, so their low bits serve as the hash.
///
/// Threads: those of the value it belongs to.
/// Bounds:  65,535 entries.
/// Errors:  none; what must be there, or must not, is an invariant. References and iterators hold until the next
///          insertion or erasure.
template <class Value>
class PieceMap {
 public:
  using value_type = std::pair<PieceId, Value>;
  using const_iterator = std::vector<value_type>::const_iterator;

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] const_iterator begin() const { return entries_.begin(); }
  [[nodiscard]] const_iterator end() const { return entries_.end(); }

  [[nodiscard]] Value const *find(PieceId id) const {
    auto const slot = slot_of(id);
    return slot == kNowhere ? nullptr : &entries_[index_[slot]].second;
  }
  [[nodiscard]] Value *find(PieceId id) {
    auto const slot = slot_of(id);
    return slot == kNowhere ? nullptr : &entries_[index_[slot]].second;
  }
  /// Must be there.
  [[nodiscard]] Value const &at(PieceId id) const {
    auto const *found = find(id);
    TF_CHECK(found != nullptr);
    return *found;
  }

  /// False, and nothing happens, if there is one of this id.
  bool insert(PieceId id, Value value) {
    if (slot_of(id) != kNowhere) return false;
    TF_CHECK(entries_.size() < kEmpty);
    if ((entries_.size() + 1) * 4 > index_.size() * 3) reindex(std::max<std::size_t>(8, index_.size() * 2));
    // By an eighth, not by doubling: a table has most of its pieces from its first events on, and idle tables are many.
    if (entries_.size() == entries_.capacity()) entries_.reserve(entries_.size() + entries_.size() / 8 + 4);
    entries_.emplace_back(id, std::move(value));
    point_at(id, static_cast<Place>(entries_.size() - 1));
    return true;
  }

  /// `id` must be there, and `new_id` must not.
  void rename(PieceId id, PieceId new_id) {
    auto const slot = slot_of(id);
    TF_CHECK(slot != kNowhere && slot_of(new_id) == kNowhere);
    auto const place = index_[slot];
    forget(slot);
    entries_[place].first = new_id;
    point_at(new_id, place);
  }

  bool erase(PieceId id) {
    auto const slot = slot_of(id);
    if (slot == kNowhere) return false;
    auto const place = index_[slot];
    forget(slot);
    auto const last = static_cast<Place>(entries_.size() - 1);
    if (place != last) {
      index_[slot_of(entries_[last].first)] = place;
      entries_[place] = std::move(entries_[last]);
    }
    entries_.pop_back();
    return true;
  }

  /// See base/heap_bytes.hpp.
  [[nodiscard]] std::size_t held_bytes() const {
    std::size_t bytes = held_heap_bytes(index_);
    if (entries_.capacity() > 0) bytes += heap_bytes(entries_.capacity() * sizeof(value_type));
    for (auto const &[id, value] : entries_) bytes += held_heap_bytes(value);
    return bytes;
  }

  void clear() {
    entries_.clear();
    index_.clear();
  }

  /// The order of insertion does not matter.
  bool operator==(PieceMap const &other) const {
    return size() == other.size() && std::ranges::all_of(entries_, [&](auto const &each) {
             auto const *theirs = other.find(each.first);
             return theirs != nullptr && *theirs == each.second;
           });
  }

 private:
  using Place = std::uint16_t;
  static constexpr Place kEmpty = std::numeric_limits<Place>::max();
  static constexpr std::size_t kNowhere = std::numeric_limits<std::size_t>::max();

  [[nodiscard]] std::size_t home_of(PieceId id) const { return std::hash<PieceId>{}(id) & (index_.size() - 1); }
  [[nodiscard]] std::size_t after(std::size_t slot) const { return (slot + 1) & (index_.size() - 1); }

  [[nodiscard]] std::size_t slot_of(PieceId id) const {
    if (index_.empty()) return kNowhere;
    for (auto slot = home_of(id); index_[slot] != kEmpty; slot = after(slot)) {
      if (entries_[index_[slot]].first == id) return slot;
    }
    return kNowhere;
  }

  void point_at(PieceId id, Place place) {
    auto slot = home_of(id);
    while (index_[slot] != kEmpty) slot = after(slot);
    index_[slot] = place;
  }

  /// Empties the slot, and closes the gap: whoever was pushed past it moves up (Knuth, TAOCP 3, 6.4, algorithm R).
  void forget(std::size_t slot) {
    for (auto next = after(slot); index_[next] != kEmpty; next = after(next)) {
      auto const home = home_of(entries_[index_[next]].first);
      auto const mask = index_.size() - 1;
      if (((next - home) & mask) < ((next - slot) & mask)) continue;
      index_[slot] = index_[next];
      slot = next;
    }
    index_[slot] = kEmpty;
  }

  void reindex(std::size_t slots) {
    index_.assign(slots, kEmpty);
    for (std::size_t place = 0; place < entries_.size(); ++place) {
      point_at(entries_[place].first, static_cast<Place>(place));
    }
  }

  std::vector<value_type> entries_;
  std::vector<Place> index_;  // A power of two, at most three quarters full; or nothing.
};

}  // namespace tableforge::table
