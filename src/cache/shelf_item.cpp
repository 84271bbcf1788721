#include "cache/shelf_item.hpp"

#include <cstring>
#include <new>
#include <utility>

#include "tableforge/base/heap_bytes.hpp"

namespace tableforge::cache {
namespace {

// A pointer of the index, the policy's place, and of the past of other keys between 8 and 16 bytes.
constexpr std::size_t kUpkeepBytes = 8 + 24 + 12;

}  // namespace

static_assert(sizeof(ShelfItem) + kUpkeepBytes <= 150);

ShelfItem::Owner ShelfItem::make(std::uint64_t hash, std::string_view key, Entry entry) {
  auto *const item = new (::operator new(sizeof(ShelfItem) + key.size())) ShelfItem();
  item->hash = hash;
  item->weight = static_cast<std::uint32_t>(weight_of(key, entry));
  item->entry = std::move(entry);
  item->key_bytes = key.size();
  if (!key.empty()) std::memcpy(static_cast<void *>(item + 1), key.data(), key.size());
  return Owner(item);
}

std::size_t ShelfItem::weight_of(std::string_view key, Entry const &entry) {
  return heap_bytes(sizeof(ShelfItem) + key.size()) + kUpkeepBytes + entry.bytes;
}

void ShelfItem::Free::operator()(ShelfItem *item) const {
  item->~ShelfItem();
  ::operator delete(static_cast<void *>(item));
}

}  // namespace tableforge::cache
