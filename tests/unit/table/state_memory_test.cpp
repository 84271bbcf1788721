#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tableforge/base/heap_bytes.hpp"
#include "tableforge/table/state.hpp"

#include "support/thread_heap.hpp"
#include "unit/table/game.hpp"
#include "unit/table/operations.hpp"

namespace tableforge::table::test {
namespace {

namespace thread_heap = tableforge::test::thread_heap;

TEST(StateMemory, IsWhatAStateSaysThatItHolds) {
  if (!thread_heap::is_counted()) GTEST_SKIP() << "a sanitizer has an allocator of its own";
  Game game("cards-52", 6, 7);
  for (int i = 0; i < 300; ++i) {
    game.must(kOwner, ChatSay{.text = "a line of the usual length, as people say " + std::to_string(i)});
  }
  std::vector<std::unique_ptr<State const>> copies;
  copies.reserve(100);

  auto const before = thread_heap::held();
  for (int i = 0; i < 100; ++i) copies.push_back(std::make_unique<State const>(game.state()));
  auto const held = thread_heap::held() - before;

  // Each says that it holds its clients' names, whichever of them are shared: here, all.
  std::size_t shared = 0;
  for (auto const &client : game.state().memory) shared += client.client.value.held_bytes();
  for (auto const &line : game.state().chat) shared += line.client.value.held_bytes();
  EXPECT_GT(shared, 0U);
  EXPECT_EQ(held, 100 * static_cast<std::int64_t>(heap_bytes(sizeof(State)) + copies.front()->held_bytes() - shared));
}

}  // namespace
}  // namespace tableforge::table::test
