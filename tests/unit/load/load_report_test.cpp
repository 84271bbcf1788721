#include "tableforge/load/load_report.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load/json.hpp"

namespace tableforge::load {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

LatencyQuantiles latency(std::chrono::nanoseconds p50) {
  return {.count = 1'000, .p50 = p50, .p90 = 2 * p50, .p99 = 4 * p50, .p999 = 9 * p50, .max = 20 * p50};
}

LoadStage stage_of(std::string name, std::uint64_t connections) {
  LoadStage stage;
  stage.name = std::move(name);
  stage.seconds = 2;
  stage.connections = connections;
  stage.offered_per_second = 4'000;
  stage.actions_sent = 3'000;
  stage.actions_accepted = 2'990;
  stage.actions_refused = 10;
  stage.deliveries = 18'000;
  stage.presence_deliveries = 20'000;
  stage.ack = latency(250us);
  stage.receipt = latency(260us);
  stage.presence = latency(90us);
  stage.server = ProcessUse{.cores = 0.42, .resident_bytes = 90'000'000};
  stage.generator = {.cores = 0.61, .resident_bytes = 40'000'000};
  return stage;
}

LoadReport report_of(std::vector<LoadStage> stages) {
  LoadReport report;
  report.title = "Load";
  report.plan = "50 tables of 6";
  report.url = "ws://127.0.0.1:1";
  report.seed = 7;
  report.began_at = "2026-01-02T03:04:05Z";
  report.stages = std::move(stages);
  return report;
}

TEST(LoadReport, PassesOnlyIfEveryStageIsWholeAndNothingFailed) {
  LoadReport report = report_of({stage_of("a", 10), stage_of("b", 20)});
  EXPECT_TRUE(report.passed());
  for (auto const fault : {&LoadStage::lost, &LoadStage::doubled, &LoadStage::disordered}) {
    LoadReport broken = report;
    broken.stages[1].*fault = 1;
    EXPECT_FALSE(broken.passed());
  }
  report.failures = {"table 3 was not made: 503"};
  EXPECT_FALSE(report.passed());
}

TEST(LoadReport, SumsUpForATerminal) {
  LoadReport report = report_of({stage_of("a", 10)});
  report.findings = {"The server's core was full."};
  std::string const text = summary(report);

  EXPECT_THAT(text, HasSubstr("1,495/s accepted (2,990 of 3,000; 10 refused, 0 cut off)"));
  EXPECT_THAT(text, HasSubstr("ack         p50 250 µs, p90 500 µs, p99 1 ms, p99.9 2.25 ms, at most 5 ms"));
  EXPECT_THAT(text, HasSubstr("server      0.42 cores, 90 MB"));
  EXPECT_THAT(text, HasSubstr("- The server's core was full."));
  EXPECT_THAT(text, Not(HasSubstr("BROKEN")));
  EXPECT_TRUE(text.ends_with("passed\n"));
}

TEST(LoadReport, SaysWhatIsBroken) {
  LoadReport report = report_of({stage_of("a", 10)});
  report.stages[0].lost = 3;
  report.failures = {"no welcome"};
  std::string const text = summary(report);

  EXPECT_THAT(text, HasSubstr("3 lost, 0 doubled, 0 out of order"));
  EXPECT_THAT(text, HasSubstr("FAILURE: no welcome"));
  EXPECT_TRUE(text.ends_with("FAILED\n"));
}

TEST(LoadReport, IsJsonWithUnitsInItsNames) {
  LoadReport report = report_of({stage_of("a", 10)});
  report.samples = {{.at_seconds = 1, .ack_p99 = 1'500ns, .server = std::nullopt, .generator = {}}};
  Json const json = Json::parse(to_json(report));

  EXPECT_EQ(json.at("passed"), true);
  EXPECT_EQ(json.at("stages").at(0).at("ack").at("p999_us"), 2'250.0);
  EXPECT_EQ(json.at("stages").at(0).at("server").at("cores"), 0.42);
  EXPECT_EQ(json.at("samples").at(0).at("ack_p99_us"), 1.5);
  EXPECT_TRUE(json.at("samples").at(0).at("server").is_null()) << "what was not measured is not 0";
  EXPECT_TRUE(json.at("saturation_per_second").is_null());
}

TEST(LoadReport, KeepsTextThatIsNotUtf8OutOfItsJson) {
  LoadReport report = report_of({});
  report.failures = {"broken \xff"};
  EXPECT_EQ(Json::parse(to_json(report)).at("failures").at(0), "broken \uFFFD");
}

TEST(LoadReport, IsAPageThatNeedsNothingElse) {
  std::string const html = to_html(report_of({stage_of("a", 10), stage_of("b", 1'000)}));

  EXPECT_THAT(html, HasSubstr("<svg"));
  for (auto const *outside : {"<script", "<link", "src=", "url(", "@import", "http://", "https://"}) {
    EXPECT_THAT(html, Not(HasSubstr(outside)));
  }
}

TEST(LoadReport, DrawsOverConnectionsElseOverTheRateElseStageByStage) {
  auto const with_rate = [](LoadStage stage, double rate) {
    stage.offered_per_second = rate;
    return stage;
  };
  EXPECT_THAT(to_html(report_of({stage_of("a", 10), stage_of("b", 1'000)})), HasSubstr(">connections, logarithmic<"));
  EXPECT_THAT(to_html(report_of({with_rate(stage_of("a", 10), 100), with_rate(stage_of("b", 10), 200)})),
              HasSubstr(">offered messages/s<"));
  EXPECT_THAT(
      to_html(report_of({stage_of("before", 10), with_rate(stage_of("spike", 10), 40'000), stage_of("after", 10)})),
      HasSubstr(">stage<"));
}

TEST(LoadReport, ShowsASingleStageAsAProfile) {
  std::string const html = to_html(report_of({stage_of("a", 10)}));
  EXPECT_THAT(html, HasSubstr("share of the messages"));
  EXPECT_THAT(html, HasSubstr("<title>99.9 %: ack 2.25 ms</title>"));
}

TEST(LoadReport, LeavesAGapWhereTheServerWasNotMeasured) {
  LoadReport report = report_of({stage_of("a", 10), stage_of("b", 100), stage_of("c", 1'000)});
  report.stages[1].server.reset();
  std::string const html = to_html(report);

  EXPECT_THAT(html, HasSubstr("<title>a: server 0.42</title>"));
  EXPECT_THAT(html, Not(HasSubstr("<title>b: server")));
}

TEST(LoadReport, ShowsPostgresWhereItWasMeasured) {
  LoadReport report = report_of({stage_of("a", 10), stage_of("b", 100)});
  EXPECT_THAT(to_html(report), Not(HasSubstr("b: PostgreSQL")));
  report.stages[1].database = ProcessUse{.cores = 0.25, .resident_bytes = 50'000'000};

  EXPECT_THAT(to_html(report), HasSubstr("<title>b: PostgreSQL 0.25</title>"));
  EXPECT_THAT(summary(report), HasSubstr("PostgreSQL  0.25 cores, 50 MB"));
  Json const json = Json::parse(to_json(report));
  EXPECT_TRUE(json.at("stages").at(0).at("database").is_null());
  EXPECT_EQ(json.at("stages").at(1).at("database").at("cores"), 0.25);
}

TEST(LoadReport, TellsWhatWasTimedBesideTheMessages) {
  LoadReport report = report_of({stage_of("a", 10)});
  EXPECT_THAT(to_html(report), Not(HasSubstr("Beside the messages")));
  report.timings = {{.name = "join, cold", .latency = latency(3ms)}, {.name = "never", .latency = {}}};

  EXPECT_THAT(to_html(report), HasSubstr("<title>join, cold: p50 3 ms</title>"));
  EXPECT_THAT(to_html(report), Not(HasSubstr("never")));
  EXPECT_THAT(summary(report), HasSubstr("join, cold:\n  p50 3 ms"));
  EXPECT_EQ(Json::parse(to_json(report)).at("timings").at(0).at("latency").at("p50_us"), 3'000.0);
}

TEST(LoadReport, ShowsFaultsInRed) {
  LoadReport report = report_of({stage_of("a", 10)});
  EXPECT_THAT(to_html(report), Not(HasSubstr("class=\"bad\"")));
  report.stages[0].doubled = 2;
  std::string const html = to_html(report);

  EXPECT_THAT(html, HasSubstr("<td class=\"bad\">2</td>"));
  EXPECT_THAT(html, HasSubstr("✗ Failed"));
}

TEST(LoadReport, WarnsOfAFullGenerator) {
  LoadReport report = report_of({stage_of("a", 10)});
  report.generator_was_full = true;
  EXPECT_THAT(to_html(report), HasSubstr("every rate is a lower bound"));
  EXPECT_THAT(summary(report), HasSubstr("every rate is a lower bound"));
}

TEST(LoadReport, EscapesTextFromOutside) {
  LoadReport report = report_of({stage_of("<b>", 10), stage_of("c", 20)});
  report.title = report.plan = report.url = report.began_at = "<b>";
  report.findings = report.failures = {"<b>"};
  EXPECT_THAT(to_html(report), Not(HasSubstr("<b>&lt;b")));
  std::string html = to_html(report);
  // The page's own: the figures of the tiles.
  for (std::size_t at; (at = html.find("<li><b>")) != std::string::npos;) html.erase(at, 7);
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
}

TEST(LoadReport, StandsWithoutStagesAndSamples) {
  std::string const html = to_html(report_of({}));
  EXPECT_THAT(html, HasSubstr("</html>"));
  EXPECT_THAT(html, Not(HasSubstr("<svg")));
}

}  // namespace
}  // namespace tableforge::load
