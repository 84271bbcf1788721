#include <cstddef>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "support/thread_heap.hpp"
#include "unit/cache/near_alone.hpp"

namespace tableforge::cache {
namespace {

namespace thread_heap = tableforge::test::thread_heap;

class NearHitMemory : public NearAlone {};

TEST_F(NearHitMemory, IsNotTouched) {
  if (!thread_heap::is_counted()) GTEST_SKIP() << "a sanitizer has an allocator of its own";
  // Longer than what a string holds in itself: a copy would show.
  std::string const key(60, 'k');
  EXPECT_TRUE(texts.knobs.cache_lobby_page.audit_every.set(0));
  EXPECT_EQ(get(0, key), "first");
  auto const load = origin.loader();
  auto const before_control = thread_heap::allocated();
  auto const control = std::make_unique<std::string>(key);
  ASSERT_GT(thread_heap::allocated(), before_control) << "what is measured is measured at all";
  std::size_t found = 0;

  auto const before = thread_heap::allocated();
  for (int i = 0; i < 1'000; ++i) {
    auto const hit = near().find(texts.changing, key, load);
    found += hit.has_value() && *hit != nullptr ? 1 : 0;
    shards[0].turn();
  }
  auto const after = thread_heap::allocated();

  EXPECT_EQ(found, 1'000u);
  EXPECT_EQ(after - before, 0u);
}

}  // namespace
}  // namespace tableforge::cache
