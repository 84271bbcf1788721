#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "tableforge/cache/entry.hpp"
#include "tableforge/cache/policy_list.hpp"

namespace tableforge::cache {

/// An entry with its key and its places in the index and in the policy: one block of memory.
struct ShelfItem : PolicyNode {
  struct Free {
    void operator()(ShelfItem *item) const;
  };
  using Owner = std::unique_ptr<ShelfItem, Free>;

  /// One part in so many of each item is set aside for the past of keys that are not here.
  static constexpr std::size_t kPastShare = 64;

  /// The hash and the weight are set.
  [[nodiscard]] static Owner make(std::uint64_t hash, std::string_view key, Entry entry);
  /// What an item with such a key and entry weighs, its share of the index and of the policy included.
  [[nodiscard]] static std::size_t weight_of(std::string_view key, Entry const &entry);

  [[nodiscard]] std::string_view key() const { return {reinterpret_cast<char const *>(this + 1), key_bytes}; }

  ShelfItem *next = nullptr;  // In its bucket.
  Entry entry;
  std::size_t key_bytes = 0;

 private:
  ShelfItem() = default;
};

}  // namespace tableforge::cache
