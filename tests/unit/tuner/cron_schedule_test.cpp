#include "tableforge/tuner/cron_schedule.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tableforge::tuner {
namespace {

using namespace std::chrono_literals;

Time at(std::string const &text) { return parse_rfc3339(text + ":00Z").value(); }

std::string next(std::string_view schedule, std::string const &after) {
  auto const parsed = CronSchedule::parse(schedule);
  if (!parsed) return to_text(parsed.error());
  return to_rfc3339(parsed->next(at(after))).substr(0, 16);
}

std::string flaw(std::string_view schedule) {
  auto const parsed = CronSchedule::parse(schedule);
  return parsed ? "none" : to_text(parsed.error());
}

TEST(CronSchedule, RunsAtTheBeginningOfMatchingMinutes) {
  EXPECT_EQ(next("*/15 * * * *", "2026-11-26T12:00"), "2026-11-26T12:15");
  EXPECT_EQ(next("*/15 * * * *", "2026-11-26T23:45"), "2026-11-27T00:00");
  EXPECT_EQ(next("0 * * * *", "2026-11-26T12:30"), "2026-11-26T13:00");
  EXPECT_EQ(next("0 */4 * * *", "2026-11-26T21:00"), "2026-11-27T00:00");
  EXPECT_EQ(next("5,10-20/5 8-9 * * *", "2026-11-26T08:10"), "2026-11-26T08:15");
  EXPECT_EQ(next("5,10-20/5 8-9 * * *", "2026-11-26T09:20"), "2026-11-27T08:05");
}

TEST(CronSchedule, IsLaterThanWhatIsGivenBySeconds) {
  auto const hourly = CronSchedule::parse("0 * * * *").value();
  EXPECT_EQ(hourly.next(at("2026-11-26T12:00") - 1us), at("2026-11-26T12:00"));
  EXPECT_EQ(hourly.next(at("2026-11-26T12:00")), at("2026-11-26T13:00"));
  EXPECT_EQ(hourly.next(at("2026-11-26T12:00") + 59s), at("2026-11-26T13:00"));
}

TEST(CronSchedule, KnowsNamesInAnyCase) {
  EXPECT_EQ(next("0 0 1 Feb,DEC *", "2026-11-26T12:00"), "2026-12-01T00:00");
  EXPECT_EQ(next("0 0 * * mon-Wed", "2026-11-26T12:00"), "2026-11-30T00:00");  // A Thursday.
}

TEST(CronSchedule, TakesSundayByBothItsNumbers) {
  EXPECT_EQ(next("0 0 * * 0", "2026-11-26T12:00"), "2026-11-29T00:00");
  EXPECT_EQ(next("0 0 * * 7", "2026-11-26T12:00"), "2026-11-29T00:00");
  EXPECT_EQ(next("0 0 * * 6-7", "2026-11-28T12:00"), "2026-11-29T00:00");
}

TEST(CronSchedule, TakesEitherDayWhereBothAreRestricted) {
  EXPECT_EQ(next("0 0 13 * fri", "2026-11-26T12:00"), "2026-11-27T00:00");
  EXPECT_EQ(next("0 0 13 * fri", "2026-12-12T12:00"), "2026-12-13T00:00");
  EXPECT_EQ(next("0 0 */13 * fri", "2026-11-26T12:00"), "2026-11-27T00:00");  // The 27th, as 1 + 2 * 13, a Friday.
  EXPECT_EQ(next("0 0 */13 * fri", "2026-11-27T12:00"), "2027-01-01T00:00");
}

TEST(CronSchedule, FindsMonthEndsAndLeapDays) {
  EXPECT_EQ(next("30 6 31 * *", "2026-01-31T07:00"), "2026-03-31T06:30");
  EXPECT_EQ(next("0 0 29 2 *", "2026-11-26T12:00"), "2028-02-29T00:00");
  EXPECT_EQ(next("0 0 29 2 *", "2096-03-01T00:00"), "2104-02-29T00:00");  // 2100 has none.
  EXPECT_EQ(next("59 23 28-31 * *", "2027-02-27T12:00"), "2027-02-28T23:59");
  EXPECT_EQ(next("* * * * *", "2026-12-31T23:59"), "2027-01-01T00:00");
}

TEST(CronSchedule, SaysWhichFieldIsWrongAndWhy) {
  EXPECT_EQ(flaw(""), "minute: is missing; a schedule has five fields");
  EXPECT_EQ(flaw("* * * *"), "day of week: is missing; a schedule has five fields");
  EXPECT_EQ(flaw("* * * * * 2026"), "'2026' is a sixth field; a schedule has five");
  EXPECT_EQ(flaw("60 * * * *"), "minute: '60' is not within 0-59");
  EXPECT_EQ(flaw("* 24 * * *"), "hour: '24' is not within 0-23");
  EXPECT_EQ(flaw("* * 0 * *"), "day of month: '0' is not within 1-31");
  EXPECT_EQ(flaw("* * * 13 *"), "month: '13' is not within 1-12");
  EXPECT_EQ(flaw("* * * * 8"), "day of week: '8' is not within 0-7");
  EXPECT_EQ(flaw("* * * jan-foo *"), "month: 'foo' is neither a number nor a name of this field");
  EXPECT_EQ(flaw("* jan * * *"), "hour: 'jan' is neither a number nor a name of this field");
  EXPECT_EQ(flaw("-5 * * * *"), "minute: '' is neither a number nor a name of this field");
  EXPECT_EQ(flaw("1,,2 * * * *"), "minute: a list has an empty element");
  EXPECT_EQ(flaw("* 18-8 * * *"), "hour: '18-8' ends before it begins");
  EXPECT_EQ(flaw("*/0 * * * *"), "minute: the step of '*/0' is not within 1-59");
  EXPECT_EQ(flaw("*/x * * * *"), "minute: the step of '*/x' is not within 1-59");
  EXPECT_EQ(flaw("* * * * */99999999999"), "day of week: the step of '*/99999999999' is not within 1-7");
  EXPECT_EQ(flaw("5/10 * * * *"), "minute: '5/10' has a step, which goes with a range or a star only");
  EXPECT_EQ(flaw("0 0 30 2 *"), "day of month: no month of this schedule has such a day");
  EXPECT_EQ(flaw("0 0 31 2,4,6,9,11 *"), "day of month: no month of this schedule has such a day");
  EXPECT_EQ(flaw("0 0 30 2 mon"), "none");  // Mondays there are.
}

/// A random field: its text, and what it means, put together side by side.
struct RandomField {
  std::string text;
  std::set<int> values;
  bool star = false;
};

RandomField random_field(std::mt19937_64 &random, int min, int max) {
  auto const below = [&](int end) { return std::uniform_int_distribution(0, end - 1)(random); };
  RandomField field;
  if (below(3) == 0) {
    int const step = below(2) == 0 ? 1 : 1 + below(max);
    field.text = step == 1 ? "*" : "*/" + std::to_string(step);
    field.star = true;
    for (int value = min; value <= max; value += step) field.values.insert(value);
    return field;
  }
  for (int items = 1 + below(3); items > 0; --items) {
    if (!field.text.empty()) field.text += ',';
    int const begin = min + below(max - min + 1);
    int const end = below(2) == 0 ? begin : begin + below(max - begin + 1);
    field.text += std::to_string(begin);
    int step = 1;
    if (end > begin) {
      field.text += '-' + std::to_string(end);
      step = 1 + below(3);
      if (step > 1) field.text += '/' + std::to_string(step);
    }
    for (int value = begin; value <= end; value += step) field.values.insert(value);
  }
  return field;
}

TEST(CronSchedule, AgreesWithAScanOfEveryMinute) {
  char const *const given = std::getenv("TABLEFORGE_TEST_SEED");
  std::uint64_t const seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  SCOPED_TRACE("TABLEFORGE_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  int found = 0;
  for (int round = 0; round < 300; ++round) {
    auto const minute = random_field(random, 0, 59);
    auto const hour = random_field(random, 0, 23);
    auto const day = random_field(random, 1, 31);
    auto const month = random_field(random, 1, 12);
    auto const weekday = random_field(random, 0, 6);
    auto const text = minute.text + ' ' + hour.text + ' ' + day.text + ' ' + month.text + ' ' + weekday.text;
    auto const parsed = CronSchedule::parse(text);
    if (!parsed) {
      EXPECT_EQ(parsed.error().flaw, CronFlaw::never) << text;
      continue;
    }
    auto const begin = Time(std::chrono::seconds(random() % 4'000'000'000));
    auto const matches = [&](Time time) {
      auto const date = std::chrono::floor<std::chrono::days>(time);
      std::chrono::year_month_day const ymd(date);
      auto const of_day = std::chrono::duration_cast<std::chrono::minutes>(time - date).count();
      bool const by_day = day.values.contains(static_cast<int>(unsigned{ymd.day()}));
      bool const by_weekday = weekday.values.contains(static_cast<int>(std::chrono::weekday(date).c_encoding()));
      return minute.values.contains(static_cast<int>(of_day % 60)) &&
             hour.values.contains(static_cast<int>(of_day / 60)) &&
             month.values.contains(static_cast<int>(unsigned{ymd.month()})) &&
             (day.star || weekday.star ? by_day && by_weekday : by_day || by_weekday);
    };
    auto const answer = parsed->next(begin);
    ASSERT_GT(answer, begin) << text;
    ASSERT_TRUE(matches(answer)) << text << " at " << to_rfc3339(answer);
    auto const first = std::chrono::floor<std::chrono::minutes>(begin) + 1min;
    auto const scanned = std::min<Time>(answer, first + std::chrono::days(40));
    for (Time time = first; time < scanned; time += 1min) ASSERT_FALSE(matches(time)) << text << to_rfc3339(time);
    if (scanned == answer) ++found;
  }
  EXPECT_GT(found, 100) << "or little was looked at";
}

}  // namespace
}  // namespace tableforge::tuner
