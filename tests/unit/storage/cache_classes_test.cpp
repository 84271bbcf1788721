#include "storage/cache_classes.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tableforge/codec/state_document.hpp"

namespace tableforge::storage {

namespace {

TEST(CacheClasses, BringAKeptStateBackWithItsNumbers) {
  Knobs const knobs;
  CacheClasses const classes(knobs, {});
  auto const &spec = classes.table_state.spec();
  host::KeptState const state{.seq = 18'446'744'073'709'551'615U, .snapshot_seq = 7, .document = "{\n 1 2\n}"};

  auto const read = spec.decode(spec.encode(&state));

  ASSERT_TRUE(read);
  auto const &back = *static_cast<host::KeptState const *>(read->get());
  EXPECT_EQ(back.seq, state.seq);
  EXPECT_EQ(back.snapshot_seq, state.snapshot_seq);
  EXPECT_EQ(back.document, state.document);
}

TEST(CacheClasses, BringAKeptStateToOthersAsItsDocument) {
  Knobs const knobs;
  CacheClasses const classes(knobs, {});
  auto const &spec = classes.table_state.spec();
  table::State truth;
  truth.name = "Friday";
  truth.seq = 12;
  host::KeptState const state{.seq = 12, .snapshot_seq = 7, .state = std::make_shared<table::State const>(truth)};

  auto const read = spec.decode(spec.encode(&state));

  ASSERT_TRUE(read);
  auto const &back = *static_cast<host::KeptState const *>(read->get());
  EXPECT_EQ(back.seq, 12U);
  EXPECT_EQ(back.document, codec::encode_state(truth));
}

TEST(CacheClasses, TakeNoKeptStateWithoutItsNumbers) {
  Knobs const knobs;
  CacheClasses const classes(knobs, {});
  for (std::string const bytes : {"", "7", "7 ", "7 3", " 7 3\n", "x 3\n{}", "7 x\n{}", "-7 3\n{}", "7\n3\n{}",
                                  "0 0\n{}", "3 7\n{}", "18446744073709551616 1\n{}"}) {
    auto const read = classes.table_state.spec().decode(bytes);
    ASSERT_FALSE(read) << bytes;
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
}

TEST(CacheClasses, CountTheTextsTheyHold) {
  Knobs const knobs;
  CacheClasses const classes(knobs, {});
  host::KeptState const state{.seq = 1, .snapshot_seq = 0, .document = std::string(10'000, 'x')};
  std::string const body(5'000, 'x');

  auto const state_bytes = classes.table_state.spec().bytes(&state);
  auto const body_bytes = classes.history_page.spec().bytes(&body);

  EXPECT_GE(state_bytes, 10'000 + sizeof(host::KeptState));
  EXPECT_LE(state_bytes, 12'500u);
  EXPECT_GE(body_bytes, 5'000 + sizeof(std::string));
  EXPECT_LE(body_bytes, 6'250u);

  table::State with_a_name;
  with_a_name.name = std::string(10'000, 'x');
  host::KeptState const at_hand{
      .seq = 1, .snapshot_seq = 0, .state = std::make_shared<table::State const>(with_a_name)};
  auto const at_hand_bytes = classes.table_state.spec().bytes(&at_hand);
  EXPECT_GE(at_hand_bytes, 10'000 + sizeof(host::KeptState) + sizeof(table::State));
  EXPECT_LE(at_hand_bytes, 13'000u);
}

TEST(CacheClasses, CountTheNamesOfAPageOfTheLobby) {
  Knobs const knobs;
  CacheClasses const classes(knobs, {});
  auto const bytes = [&](std::string name) {
    std::vector<lobby::TableRecord> page(1);
    page.front().name = std::move(name);
    return classes.lobby_page.spec().bytes(&page);
  };

  EXPECT_GE(bytes("Friday"), sizeof(lobby::TableRecord));
  EXPECT_EQ(bytes(std::string(200, 'x')) - bytes("Friday"), 224U) << "201 bytes, rounded as the allocator does";
}

}  // namespace
}  // namespace tableforge::storage
