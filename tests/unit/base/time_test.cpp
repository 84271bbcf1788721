#include "tableforge/base/time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tableforge {
namespace {

using std::chrono::microseconds;

Time at(std::int64_t micros) { return Time(microseconds(micros)); }

struct Known {
  char const *text;
  std::int64_t micros;
};

class KnownTime : public testing::TestWithParam<Known> {};

TEST_P(KnownTime, IsWrittenAndRead) {
  auto const [text, micros] = GetParam();

  EXPECT_EQ(to_rfc3339(at(micros)), text);
  EXPECT_EQ(parse_rfc3339(text), at(micros));
}

// The numbers are those of `date -u -d … +%s`.
INSTANTIATE_TEST_SUITE_P(Times, KnownTime,
                         testing::Values(Known{"1970-01-01T00:00:00.000000Z", 0},
                                         Known{"1970-01-01T00:00:00.000001Z", 1},
                                         Known{"1969-12-31T23:59:59.999999Z", -1},
                                         Known{"2000-02-29T12:00:00.000000Z", 951'825'600'000'000},
                                         Known{"2024-02-29T23:59:59.500000Z", 1'709'251'199'500'000},
                                         Known{"2026-11-23T18:30:00.000000Z", 1'795'458'600'000'000},
                                         Known{"9999-12-31T23:59:59.999999Z", 253'402'300'799'999'999}));

TEST(Time, ReadsShorterFractions) {
  auto const whole = *parse_rfc3339("2026-11-23T18:30:00.000000Z");

  EXPECT_EQ(parse_rfc3339("2026-11-23T18:30:00Z"), whole);
  EXPECT_EQ(parse_rfc3339("2026-11-23T18:30:00.5Z"), whole + microseconds(500'000));
  EXPECT_EQ(parse_rfc3339("2026-11-23T18:30:00.05Z"), whole + microseconds(50'000));
  EXPECT_EQ(parse_rfc3339("2026-11-23T18:30:00.12345Z"), whole + microseconds(123'450));
}

class BadTime : public testing::TestWithParam<char const *> {};

TEST_P(BadTime, IsNone) { EXPECT_EQ(parse_rfc3339(GetParam()), std::nullopt); }

INSTANTIATE_TEST_SUITE_P(Texts, BadTime,
                         testing::Values("", "Z", "2026-11-23", "2026-11-23T18:30:00", "2026-11-23T18:30:00+00:00",
                                         "2026-11-23 18:30:00Z", "2026-11-23T18:30:00z", "2026-11-23T18:30:00.Z",
                                         "2026-11-23T18:30:00.1234567Z", "2026-11-23T18:30:00,5Z",
                                         "2026-11-23T18:30:00.12x4Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
                                         "2026-11-31T00:00:00Z", "2026-11-00T00:00:00Z", "2023-02-29T00:00:00Z",
                                         "1900-02-29T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T18:60:00Z",
                                         "2026-11-23T18:30:60Z", "20x6-11-23T18:30:00Z", "2026-11-23T18:30:0-Z",
                                         "+026-11-23T18:30:00Z"));

RC_GTEST_PROP(Time, ComesBackAsItWas, ()) {
  auto const time = at(*rc::gen::inRange<std::int64_t>(0, 253'402'300'799'999'999));

  auto const text = to_rfc3339(time);

  RC_ASSERT(text.size() == 27U);
  RC_ASSERT(parse_rfc3339(text) == time);
}

RC_GTEST_PROP(Time, OrdersAsItsTextDoes, ()) {
  auto const one = at(*rc::gen::inRange<std::int64_t>(0, 253'402'300'799'999'999));
  auto const other = at(*rc::gen::inRange<std::int64_t>(0, 253'402'300'799'999'999));

  RC_ASSERT((one < other) == (to_rfc3339(one) < to_rfc3339(other)));
}

RC_GTEST_PROP(Time, NothingElseIsRead, (std::string const &text)) {
  auto const time = parse_rfc3339(text);
  if (time) RC_ASSERT(to_rfc3339(*time).substr(0, 19) == text.substr(0, 19));
}

TEST(Time, IsAppendedBehindWhatIsThere) {
  std::string out = "at ";
  append_rfc3339(out, at(0));

  EXPECT_EQ(out, "at 1970-01-01T00:00:00.000000Z");
}

}  // namespace
}  // namespace tableforge
