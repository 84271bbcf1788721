#include <string>

#include <gtest/gtest.h>

#include "storage/embedded_migrations.hpp"

namespace tableforge::storage {
namespace {

TEST(EmbeddedMigrations, AreNumberedFromOneWithoutAGap) {
  auto const all = embedded_migrations();
  ASSERT_FALSE(all.empty());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].version, static_cast<int>(i) + 1);
    std::string const number = std::to_string(all[i].version);
    EXPECT_TRUE(all[i].name.starts_with(std::string(4 - number.size(), '0') + number + "_")) << all[i].name;
    EXPECT_TRUE(all[i].sql.contains(" table ")) << all[i].name;
  }
}

}  // namespace
}  // namespace tableforge::storage
