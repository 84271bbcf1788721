#include "tableforge/metrics/catalogue.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tableforge/knobs/knobs.hpp"
#include "tableforge/metrics/allocator.hpp"

namespace tableforge::metrics {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

Vocabulary const kVocabulary{
    .ops = {"piece.move", "zone.draw"}, .error_codes = {"forbidden"}, .routes = {"/v1/tables"}};

TEST(CounterFamily, CountsEachCombinationByItself) {
  HostMetrics host(kVocabulary);
  host.actions.at(1, ActionOutcome::rejected).add(3);
  EXPECT_EQ(host.actions.at(1, ActionOutcome::rejected).value(), 3u);
  EXPECT_EQ(host.actions.at(0, ActionOutcome::rejected).value(), 0u);
  EXPECT_EQ(host.actions.at(1, ActionOutcome::accepted).value(), 0u);
  EXPECT_EQ(host.actions.total(), 3u);
}

TEST(HighestGauge, IsWhatTheWorstOfItsOwnersSays) {
  RedisMetrics redis;
  EXPECT_EQ(redis.breaker_state.value(), 0);
  redis.breaker_state.change(std::nullopt, 0);
  redis.breaker_state.change(std::nullopt, 2);
  redis.breaker_state.change(std::nullopt, 2);
  redis.breaker_state.change(0, 1);
  EXPECT_EQ(redis.breaker_state.value(), 2);
  redis.breaker_state.change(2, 0);
  EXPECT_EQ(redis.breaker_state.value(), 2) << "there is another one";
  redis.breaker_state.change(2, std::nullopt);
  EXPECT_EQ(redis.breaker_state.value(), 1);
  redis.breaker_state.change(1, std::nullopt);
  redis.breaker_state.change(0, std::nullopt);
  EXPECT_EQ(redis.breaker_state.value(), 0);
  EXPECT_THAT(Catalogue().text(), HasSubstr("\ntableforge_redis_breaker_state 0\n"));
}

TEST(CounterFamily, CountsUnknownWordsAsOther) {
  HostMetrics host(kVocabulary);
  host.actions.at(2, ActionOutcome::accepted).add();
  host.actions.at(999, ActionOutcome::accepted).add();
  EXPECT_EQ(host.actions.at(2, ActionOutcome::accepted).value(), 2u);
  EXPECT_EQ(host.actions.labels()[0].words.back(), "other");
}

TEST(CounterFamily, WorksWithoutAVocabulary) {
  GatewayMetrics gateway;
  gateway.http_requests.at(5, status_class(404)).add();
  EXPECT_EQ(gateway.http_requests.at(0, StatusClass::client_error).value(), 1u);
}

TEST(Catalogue, ExportsCountersGaugesAndLabels) {
  Catalogue catalogue(kVocabulary, {.version = "1.2.3", .revision = "abc"});
  catalogue.gateway.connections_open.set(7);
  catalogue.gateway.connections_accepted.add(9);
  catalogue.gateway.connections_closed.at(CloseReason::too_slow).add();
  catalogue.host.actions.at(0, ActionOutcome::accepted).add(5);
  std::string const text = catalogue.text();
  EXPECT_THAT(text, HasSubstr("\ntableforge_connections_open 7\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE tableforge_connections_accepted_total counter\n"));
  EXPECT_THAT(text, HasSubstr("\ntableforge_connections_accepted_total 9\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_connections_closed_total{reason=\"too_slow\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_connections_closed_total{reason=\"lost\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_actions_total{op=\"piece.move\",outcome=\"accepted\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_build_info{version=\"1.2.3\",revision=\"abc\"} 1\n"));
}

TEST(Catalogue, ExportsLatenciesInSecondsWithCumulativeBuckets) {
  Catalogue catalogue;
  catalogue.host.commit.record(2ms);
  catalogue.host.commit.record(2ms);
  catalogue.host.commit.record(300ms);
  catalogue.host.commit.record(1min);
  std::string const text = catalogue.text();
  EXPECT_THAT(text, HasSubstr("tableforge_commit_seconds_bucket{le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_commit_seconds_bucket{le=\"0.0025\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_commit_seconds_bucket{le=\"0.5\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_commit_seconds_bucket{le=\"10\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_commit_seconds_bucket{le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_commit_seconds_count 4\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_commit_seconds_sum 60.304"));
}

TEST(Catalogue, ExportsGaugesAndLatenciesByTheirLabels) {
  Catalogue catalogue;
  catalogue.cache.entries.at(CacheClass::lobby_page).set(5);
  catalogue.cache.load.at(CacheClass::lobby_page).record(2ms);
  std::string const text = catalogue.text();
  EXPECT_THAT(text, HasSubstr("# TYPE tableforge_cache_entries gauge\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_cache_entries{class=\"lobby_page\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_cache_entries{class=\"history_page\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE tableforge_cache_load_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_cache_load_seconds_bucket{class=\"lobby_page\",le=\"0.001\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_cache_load_seconds_bucket{class=\"lobby_page\",le=\"0.0025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_cache_load_seconds_count{class=\"history_page\"} 0\n"));
}

TEST(Catalogue, ExportsSizesAsTheyAre) {
  Catalogue catalogue;
  catalogue.journal.batch_rows.record(3);
  std::string const text = catalogue.text();
  EXPECT_THAT(text, HasSubstr("tableforge_journal_batch_rows_bucket{le=\"2\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_journal_batch_rows_bucket{le=\"4\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tableforge_journal_batch_rows_sum 3\n"));
}

TEST(Catalogue, ExportsKnobsWhenGiven) {
  Catalogue const catalogue;
  Knobs knobs;
  ASSERT_TRUE(knobs.outbox_bytes_max.set(20'000));
  EXPECT_THAT(catalogue.text(&knobs), HasSubstr("tableforge_knob{name=\"outbox_bytes_max\"} 20000\n"));
  EXPECT_THAT(catalogue.text(), Not(HasSubstr("tableforge_knob")));
}

double value_of(std::string const &text, std::string const &name) {
  auto const at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

TEST(Catalogue, ExportsWhatTheKernelSaysAboutTheProcess) {
  std::string const text = Catalogue().text();
  EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 1e6);
  EXPECT_LT(value_of(text, "process_resident_memory_bytes"), 1e12);
  EXPECT_GE(value_of(text, "process_open_fds"), 3);
  EXPECT_GE(value_of(text, "process_cpu_seconds_total"), 0);
  EXPECT_GT(value_of(text, "process_threads"), 0);
  auto const now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_GT(value_of(text, "process_start_time_seconds"), now - 3'600);
  EXPECT_LE(value_of(text, "process_start_time_seconds"), now + 1);
}

TEST(Catalogue, KeepsToTheNamingConventions) {
  Catalogue const catalogue(kVocabulary);
  std::set<std::string_view> names;
  for (MetricSet const *set : catalogue.sets()) {
    for (MetricSet::Entry const &entry : set->entries()) {
      EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
      EXPECT_TRUE(entry.name.starts_with("tableforge_")) << entry.name;
      EXPECT_GT(entry.help.size(), 10u) << entry.name;
      bool const counts = std::holds_alternative<Counter const *>(entry.metric) ||
                          std::holds_alternative<SecondsCounter const *>(entry.metric) ||
                          std::holds_alternative<CounterFamily const *>(entry.metric);
      EXPECT_EQ(entry.name.ends_with("_total"), counts) << entry.name;
      // A moment is in seconds too, since the epoch, and is no histogram.
      bool const lasts = entry.name.ends_with("_seconds") && !entry.name.ends_with("_timestamp_seconds");
      EXPECT_EQ(lasts, std::holds_alternative<LatencyHistogram const *>(entry.metric) ||
                           std::holds_alternative<LatencyFamily const *>(entry.metric))
          << entry.name;
    }
  }
  EXPECT_GT(names.size(), 40u);
}

std::size_t lines_of(std::string const &text) { return static_cast<std::size_t>(std::ranges::count(text, '\n')); }

TEST(Catalogue, GrowsByNothingThatPlayersAndTablesDo) {
  Catalogue catalogue(kVocabulary);
  auto const before = lines_of(catalogue.text());
  for (std::size_t table = 0; table < 1'000; ++table) {
    catalogue.host.tables_open.add();
    catalogue.host.load.record(1ms);
    catalogue.cache.misses.at(table).add();
    catalogue.gateway.http_requests.at(table, table).add();
  }
  for (std::size_t player = 0; player < 10'000; ++player) {
    catalogue.gateway.connections_open.add();
    catalogue.gateway.connections_closed.at(player).add();
    catalogue.gateway.errors.at(player).add();
    catalogue.host.actions.at(player, player).add();
    catalogue.host.release.record(std::chrono::microseconds(player));
  }
  EXPECT_EQ(lines_of(catalogue.text()), before);
}

TEST(Catalogue, ExportsMemory) {
  std::string const text = Catalogue().text();
  EXPECT_GT(value_of(text, "tableforge_page_faults_total{kind=\"minor\"}"), 100);
  EXPECT_GE(value_of(text, "tableforge_page_faults_total{kind=\"major\"}"), 0);
  if (!allocator_numbers()) GTEST_SKIP() << "the allocator tells nothing";
  EXPECT_GT(value_of(text, "tableforge_memory_allocated_bytes"), 1e4);
  EXPECT_GE(value_of(text, "tableforge_memory_resident_bytes"), value_of(text, "tableforge_memory_active_bytes"));
}

TEST(Allocator, GivesBackWhatWasFreed) {
  if (!allocator_numbers()) GTEST_SKIP() << "the allocator tells nothing";
  constexpr std::size_t kBytes = 64 << 20;
  ASSERT_TRUE(set_dirty_decay(30'000));
  auto const before = allocator_numbers();
  {
    std::vector<std::unique_ptr<char[]>> pieces;
    for (std::size_t i = 0; i < kBytes / 16'384; ++i) pieces.push_back(std::make_unique<char[]>(16'384));
    // What was cached for this thread before is counted as held until it is used.
    EXPECT_GE(allocator_numbers()->allocated, before->allocated + kBytes / 10 * 9);
  }
  auto const freed = allocator_numbers();
  EXPECT_LT(freed->allocated, before->allocated + kBytes / 4);
  EXPECT_GT(freed->slack(), kBytes / 2);
  for (std::size_t arena = 0; arena < allocator_arenas(); ++arena) purge_arena(arena);
  auto const purged = allocator_numbers();
  EXPECT_LT(purged->slack(), kBytes / 2);
  EXPECT_GE(purged->purged, freed->purged + kBytes / 2);
}

TEST(StatusClass, GroupsByHundreds) {
  EXPECT_EQ(status_class(101), StatusClass::informational);
  EXPECT_EQ(status_class(200), StatusClass::success);
  EXPECT_EQ(status_class(404), StatusClass::client_error);
  EXPECT_EQ(status_class(599), StatusClass::server_error);
  EXPECT_EQ(status_class(7), StatusClass::server_error);
}

}  // namespace
}  // namespace tableforge::metrics
