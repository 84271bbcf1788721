#include "cache/shelf_item.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "tableforge/base/heap_bytes.hpp"

namespace tableforge::cache {
namespace {

// Two pointers of the index, and the policy's place.
constexpr std::size_t kUpkeepBytes = 16 + 24;
// Of the past of other keys: between 8 and 16 bytes where there is little room for it, and between 64 and 128 at most.
constexpr std::size_t kPastBytesMin = 12;
constexpr std::size_t kPastBytesMax = 96;

}  // namespace

static_assert(sizeof(ShelfItem) + kUpkeepBytes + kPastBytesMin <= 150);

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
  auto const bytes = heap_bytes(sizeof(ShelfItem) + key.size()) + kUpkeepBytes + entry.bytes;
  return bytes + std::clamp(bytes / kPastShare, kPastBytesMin, kPastBytesMax);
}

void ShelfItem::Free::operator()(ShelfItem *item) const {
  item->~ShelfItem();
  ::operator delete(static_cast<void *>(item));
}

}  // namespace tableforge::cache
