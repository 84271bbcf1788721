#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "load/bottleneck.hpp"
#include "performance/load/measured_server.hpp"
#include "performance/load/reports.hpp"
#include "performance/support/machine.hpp"
#include "performance/support/reader.hpp"

namespace tableforge::test {
namespace {

using namespace std::chrono_literals;

std::string content(std::filesystem::path const &file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

/// Everything that the suite stands on, for a second: what it measures is not looked at.
TEST(Smoke, MeasuresAServerReadsItsTablesAndLeavesAReport) {
  MeasuredServer server(1);
  load::LoadOptions options;
  options.tables = 3;
  options.players = 2;
  options.rate = 60;
  options.duration = 1s;
  options.progress = false;
  load::LoadReport report;
  report.title = "Smoke";
  append(report, server.run(options), "smoke");
  ASSERT_TRUE(report.passed()) << load::summary(report);
  ASSERT_EQ(report.stages.size(), 1U);
  auto const &stage = report.stages.front();
  EXPECT_EQ(stage.connections, 6U);
  EXPECT_GT(stage.actions_accepted, 0U);
  ASSERT_TRUE(stage.server && stage.database);
  EXPECT_GT(stage.server->cores, 0);
  EXPECT_GT(stage.database->cores, 0);
  EXPECT_FALSE(load::bottleneck_of(stage, machine_cores()).words.empty());

  server.restart();
  Reader reader({.host = "127.0.0.1", .port = server.serve().port()}, "Visitor");
  auto const page = reader.read_lobby(2, std::nullopt);
  ASSERT_EQ(page.tables.size(), 2U);
  auto const rest = reader.read_lobby(2, page.after);
  EXPECT_EQ(rest.tables.size(), 1U);
  EXPECT_EQ(rest.after, std::nullopt);
  auto const read = reader.read_table(page.tables.front());
  EXPECT_GT(read.seq, 0U);
  EXPECT_GE(reader.join(page.tables.front()).seq, read.seq);
  EXPECT_THROW(reader.read_table("00000000-0000-0000-0000-000000000000"), std::runtime_error);
  EXPECT_GT(server.resident_bytes(), 0U);
  EXPECT_EQ(server.metric("tableforge_tables_open"), 1);

  ScratchDirectory const folder;
  leave_report(report, folder.path() / "reports", "smoke");
  auto const json = nlohmann::json::parse(content(folder.path() / "reports/smoke.json"));
  EXPECT_EQ(json.at("passed"), true);
  EXPECT_EQ(json.at("stages").size(), 1U);
  EXPECT_THAT(content(folder.path() / "reports/smoke.html"), testing::HasSubstr("</html>"));
}

}  // namespace
}  // namespace tableforge::test
