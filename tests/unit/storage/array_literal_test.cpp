#include "storage/array_literal.hpp"

#include <gtest/gtest.h>

namespace tableforge::storage {
namespace {

TEST(ArrayLiteral, WritesWhatNeedsNoQuotesPlainly) {
  ArrayLiteral uuids, numbers, times;
  uuids.add(*Uuid::parse("00112233-4455-6677-8899-aabbccddeeff"));
  uuids.add(Uuid());
  numbers.add(std::uint64_t{1});
  numbers.add(std::uint64_t{9'223'372'036'854'775'807});
  times.add(Time(std::chrono::microseconds(1)));
  EXPECT_EQ(std::move(uuids).take(), "{00112233-4455-6677-8899-aabbccddeeff,00000000-0000-0000-0000-000000000000}");
  EXPECT_EQ(std::move(numbers).take(), "{1,9223372036854775807}");
  EXPECT_EQ(std::move(times).take(), "{1970-01-01T00:00:00.000001Z}");
}

TEST(ArrayLiteral, IsWellFormedWithoutElements) { EXPECT_EQ(ArrayLiteral().take(), "{}"); }

}  // namespace
}  // namespace tableforge::storage
