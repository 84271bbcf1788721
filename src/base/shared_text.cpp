#include "tableforge/base/shared_text.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <new>

#include "tableforge/base/check.hpp"
#include "tableforge/base/heap_bytes.hpp"

namespace tableforge {

/// The head of a block; the letters lie behind it.
struct SharedText::Letters {
  std::atomic<std::uint32_t> owners;
  std::uint32_t size;

  [[nodiscard]] char *text() { return reinterpret_cast<char *>(this + 1); }
  [[nodiscard]] std::size_t block_bytes() const { return sizeof(Letters) + size; }
};

SharedText::SharedText(std::string_view text) {
  if (text.empty()) return;
  TF_CHECK(text.size() <= std::numeric_limits<std::uint32_t>::max());
  auto *const block = ::operator new(sizeof(Letters) + text.size());
  letters_ = new (block) Letters{.owners = 1, .size = static_cast<std::uint32_t>(text.size())};
  std::ranges::copy(text, letters_->text());
}

std::string_view SharedText::view() const {
  return letters_ == nullptr ? std::string_view() : std::string_view(letters_->text(), letters_->size);
}

std::size_t SharedText::held_bytes() const { return letters_ == nullptr ? 0 : heap_bytes(letters_->block_bytes()); }

void SharedText::take_hold() const {
  if (letters_ != nullptr) letters_->owners.fetch_add(1, std::memory_order_relaxed);
}

void SharedText::let_go() {
  // The last one must see all that the others did with it before they let go.
  if (letters_ == nullptr || letters_->owners.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
  ::operator delete(letters_, letters_->block_bytes());
}

}  // namespace tableforge
