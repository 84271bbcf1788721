#include "storage/lobby_page.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace tableforge::storage {

namespace {

lobby::TableRecord record(std::string name) {
  return {.id = TableId(Uuid::random()),
          .name = std::move(name),
          .system = SystemId("cards-52"),
          .listing = table::Listing::open,
          .owner = PlayerId(Uuid::random()),
          .created_at = Time(std::chrono::microseconds(1'795'000'000'123'456))};
}

TEST(LobbyPage, IsReadAsItWasWritten) {
  std::vector const tables{record("Friday"),
                           record("Än \"\\\" 🂡\n, which is longer than what lies in the string itself")};

  auto const read = decode_lobby_page(encode_lobby_page(tables));

  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2u);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    EXPECT_EQ((*read)[i].id, tables[i].id);
    EXPECT_EQ((*read)[i].name, tables[i].name);
    EXPECT_EQ((*read)[i].system, tables[i].system);
    EXPECT_EQ((*read)[i].listing, table::Listing::open);
    EXPECT_EQ((*read)[i].owner, tables[i].owner);
    EXPECT_EQ((*read)[i].created_at, tables[i].created_at);
  }
  EXPECT_TRUE(decode_lobby_page(encode_lobby_page({}))->empty());
}

TEST(LobbyPage, BelievesNothingThatItDidNotWrite) {
  auto const good = nlohmann::json::parse(encode_lobby_page({record("Friday")}));
  auto const with = [&](char const *key, nlohmann::json value) {
    auto changed = good;
    changed[0][key] = std::move(value);
    return changed.dump();
  };
  auto without = good;
  without[0].erase("owner");
  auto many = nlohmann::json::array();
  for (std::size_t i = 0; i <= kLobbyPageTablesMax; ++i) many.push_back(good[0]);
  ASSERT_TRUE(decode_lobby_page(good.dump()));

  std::vector<std::string> const bad{"",
                                     "[",
                                     "{}",
                                     "7",
                                     "[7]",
                                     "[[]]",
                                     good.dump() + "x",
                                     without.dump(),
                                     many.dump(),
                                     with("id", "no id"),
                                     with("id", 7),
                                     with("name", ""),
                                     with("name", nullptr),
                                     with("name", std::string(257, 'x')),
                                     with("system", ""),
                                     with("owner", "0"),
                                     with("created_at_us", "now"),
                                     with("created_at_us", 1.5),
                                     with("stranger", 1),
                                     "[{\"name\":\"\xff\"}]"};
  for (auto const &bytes : bad) {
    auto const read = decode_lobby_page(bytes);
    ASSERT_FALSE(read) << bytes.substr(0, 200);
    EXPECT_EQ(read.error().code, Errc::corrupt);
  }
}

}  // namespace
}  // namespace tableforge::storage
