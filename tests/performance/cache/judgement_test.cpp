#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "performance/cache/cache_report.hpp"
#include "performance/cache/foundings.hpp"
#include "performance/cache/listed_tables.hpp"
#include "performance/cache/lossy_redis.hpp"
#include "performance/cache/things.hpp"

namespace tableforge::test::cache_judgement {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What the suite concludes from what it has seen, on figures and answers that were made up.

MeasuringMode const kQuick{.quick = true, .release = true, .build = "Release"};
MeasuringMode const kDev{.quick = false, .release = false, .build = "Debug"};
MeasuringMode const kRelease{.quick = false, .release = true, .build = "Release"};

CacheReport report_of(Figure figure) {
  CacheReport report("Title", "Plan");
  report.add(std::move(figure));
  return report;
}

TEST(CacheJudgement, FailsWhereAFigureOfItsKindMissesItsBar) {
  auto const missed = [](Figure::Kind kind) {
    return report_of({.name = "f", .value = 2, .unit = "ns", .must = Figure::Must::be_at_most, .bar = 1, .kind = kind});
  };
  EXPECT_THAT(missed(Figure::Kind::right).faults(kQuick), ElementsAre("f: 2 ns instead of at most 1 ns"));
  EXPECT_THAT(missed(Figure::Kind::ratio).faults(kQuick), IsEmpty());
  EXPECT_THAT(missed(Figure::Kind::ratio).faults(kDev), ElementsAre(HasSubstr("instead of")));
  EXPECT_THAT(missed(Figure::Kind::absolute).faults(kDev), IsEmpty());
  EXPECT_THAT(missed(Figure::Kind::absolute).faults(kQuick), IsEmpty());
  EXPECT_THAT(missed(Figure::Kind::absolute).faults(kRelease), ElementsAre(HasSubstr("instead of")));
  EXPECT_THAT(missed(Figure::Kind::told).faults(kRelease), IsEmpty());
}

TEST(CacheJudgement, HoldsAFigureAgainstItsBarFromTheRightSide) {
  Figure figure{.name = "f", .value = 1, .must = Figure::Must::be_at_least, .bar = 1};
  EXPECT_TRUE(figure.met());
  figure.value = 0.9;
  EXPECT_FALSE(figure.met());
  figure.must = Figure::Must::be_at_most;
  EXPECT_TRUE(figure.met());
  figure.value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(figure.met());
  figure.must = Figure::Must::be_anything;
  EXPECT_TRUE(figure.met());
}

TEST(CacheJudgement, FailsForASingleStaleReadAndForEachFailure) {
  CacheReport report("Title", "Plan");
  report.reads_watched = 1'000;
  EXPECT_THAT(report.faults(kQuick), IsEmpty());
  report.stale_reads = 1;
  report.failures.emplace_back("wrong");
  EXPECT_THAT(report.faults(kQuick), ElementsAre("wrong", "1 of 1000 reads were older than their class allows"));
}

TEST(CacheJudgement, TellsProgramsAndPeopleTheSame) {
  auto report = report_of(
      {.name = "a <figure>", .value = 3, .must = Figure::Must::be_at_most, .bar = 2, .kind = Figure::Kind::ratio});
  report.time("a read", {.count = 1, .p50 = 2us, .p90 = 2us, .p99 = 2us, .p999 = 2us, .max = 2us});
  report.recommendations.emplace_back("do this");
  auto const json = nlohmann::json::parse(to_json(report, kDev));
  EXPECT_EQ(json.at("passed"), false);
  EXPECT_EQ(json.at("figures").at(0).at("met"), false);
  EXPECT_EQ(json.at("figures").at(0).at("enforced"), true);
  EXPECT_EQ(json.at("timings").at(0).at("p99_us"), 2);
  EXPECT_EQ(json.at("recommendations").at(0), "do this");
  auto const html = to_html(report, kDev);
  EXPECT_THAT(html, HasSubstr("a &lt;figure&gt;"));
  EXPECT_THAT(html, HasSubstr("missed"));
  EXPECT_THAT(html, HasSubstr("✗ Failed"));
  EXPECT_THAT(html, HasSubstr("do this"));
  EXPECT_THAT(html, HasSubstr("</html>"));
}

TEST(CacheJudgement, SeesForHowLongAPageHasBeenOutOfDate) {
  Foundings foundings;
  auto const start = Foundings::Clock::now();
  for (int i = 0; i < 5; ++i) foundings.answered("t" + std::to_string(i), start + i * 1s);

  EXPECT_EQ(foundings.age_of({"t4", "t3", "t2"}, start + 10s), 0s);
  EXPECT_EQ(foundings.age_of({"t2", "t1", "t0", "older"}, start + 10s), 7s) << "t3 was answered after three seconds";
  EXPECT_EQ(foundings.age_of({"t2", "t1"}, start + 2500ms), 0s) << "t3 was not there yet";
  EXPECT_EQ(foundings.age_of({"not answered yet", "t4", "t3"}, start + 10s), 0s);
  EXPECT_EQ(foundings.age_of({"older"}, start + 10s), 10s);
  EXPECT_EQ(foundings.age_of({"t4", "t2"}, start + 10s), std::nullopt) << "there is a hole";
  EXPECT_EQ(foundings.age_of({"t4", "stranger", "t3"}, start + 10s), std::nullopt);
}

TEST(CacheJudgement, ReadsRepliesOfRedisToTheirEnd) {
  EXPECT_EQ(LossyRedis::reply_size("+OK\r\n:1\r\n"), 5U);
  EXPECT_EQ(LossyRedis::reply_size("$-1\r\n"), 5U);
  EXPECT_EQ(LossyRedis::reply_size("$3\r\na\r\n\r\n"), 9U);
  EXPECT_EQ(LossyRedis::reply_size("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\nhi\r\n+"), 32U);
  for (std::string const whole = "*2\r\n*1\r\n:5\r\n$2\r\nhi\r\n"; auto const size : {0, 3, 9, 15, 19}) {
    EXPECT_EQ(LossyRedis::reply_size(std::string_view(whole).substr(0, static_cast<std::size_t>(size))), 0U) << size;
  }
}

TEST(CacheJudgement, KnowsAThingThatWasTornOrIsAnothers) {
  Things::Revisions served;
  Thing thing{.key = "a", .revision = 1, .read_at = {}, .body = "body", .sum = 0};
  EXPECT_FALSE(thing.whole());
  Things::take(served, thing);
  Things::take(served, thing);
  EXPECT_NE(served.at({"a", 1}), 0U);
  thing.body = "another";
  Things::take(served, thing);
  EXPECT_EQ(served.at({"a", 1}), 0U) << "a revision with two bodies is like none of the origin's";
}

}  // namespace
}  // namespace tableforge::test::cache_judgement
