#include "storage/bytea.hpp"

#include <gtest/gtest.h>

namespace tableforge::storage {
namespace {

TEST(Bytea, KeepsEveryByte) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(from_bytea(to_bytea(all)), all);
  EXPECT_EQ(from_bytea(to_bytea("")), "");
  EXPECT_EQ(to_bytea(std::string("\0\xff", 2)), "\\x00ff");
}

TEST(Bytea, RefusesOtherForms) {
  for (char const *text : {"", "\\", "00ff", "\\x0", "\\x0g", "\\000"})
    EXPECT_EQ(from_bytea(text), std::nullopt) << text;
}

}  // namespace
}  // namespace tableforge::storage
