#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "unit/cache/near_alone.hpp"

// Of jemalloc, with which this binary is linked unless a sanitizer has its own.
extern "C" __attribute__((weak)) int mallctl(char const *name, void *old, std::size_t *old_size, void *value,
                                             std::size_t value_size) noexcept;

namespace tableforge::cache {
namespace {

/// Bytes that this thread has ever taken from the heap, those it gave back included.
std::uint64_t taken() {
  std::uint64_t value = 0;
  std::size_t size = sizeof value;
  if (mallctl("thread.allocated", &value, &size, nullptr, 0) != 0) throw std::runtime_error("thread.allocated");
  return value;
}

class NearHitMemory : public NearAlone {};

TEST_F(NearHitMemory, IsNotTouched) {
  if (mallctl == nullptr) GTEST_SKIP() << "a sanitizer has an allocator of its own";
  // Longer than what a string holds in itself: a copy would show.
  std::string const key(60, 'k');
  EXPECT_TRUE(texts.knobs.cache_lobby_page.audit_every.set(0));
  EXPECT_EQ(get(0, key), "first");
  auto const load = origin.loader();
  auto const before_control = taken();
  auto const control = std::make_unique<std::string>(key);
  ASSERT_GT(taken(), before_control) << "what is measured is measured at all";
  std::size_t found = 0;

  auto const before = taken();
  for (int i = 0; i < 1'000; ++i) {
    auto const hit = near().find(texts.changing, key, load);
    found += hit.has_value() && *hit != nullptr ? 1 : 0;
    shards[0].turn();
  }
  auto const after = taken();

  EXPECT_EQ(found, 1'000u);
  EXPECT_EQ(after - before, 0u);
}

}  // namespace
}  // namespace tableforge::cache
