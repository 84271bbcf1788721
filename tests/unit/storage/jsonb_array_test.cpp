#include "storage/jsonb_array.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace tableforge::storage {
namespace {

using namespace std::literals;

TEST(JsonbArray, IsWhatPostgresqlReceives) {
  JsonbArray array(2, 6);
  array.add(R"("")");
  array.add("[12]");
  EXPECT_EQ(std::move(array).take(),
            "\0\0\0\1"          // One dimension,
            "\0\0\0\0"          // no nulls,
            "\0\0\x0e\xda"      // of jsonb,
            "\0\0\0\2\0\0\0\1"  // two elements, counted from 1:
            "\0\0\0\3\1\"\""    // each with its length and the version of its form.
            "\0\0\0\5\1[12]"sv);
}

TEST(JsonbArray, HasNoDimensionWithoutElements) {
  EXPECT_EQ(JsonbArray(0, 0).take(), "\0\0\0\0\0\0\0\0\0\0\x0e\xda"sv);
}

}  // namespace
}  // namespace tableforge::storage
