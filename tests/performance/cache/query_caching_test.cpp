#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "integration/gateway_peer.hpp"
#include "load/fine_histogram.hpp"
#include "load/quantity.hpp"
#include "performance/cache/cache_report.hpp"
#include "performance/cache/listed_tables.hpp"
#include "performance/cache/query_count.hpp"
#include "performance/cache/served_instances.hpp"
#include "performance/support/played_tables.hpp"
#include "support/private_servers.hpp"
#include "support/zipf.hpp"

namespace tableforge::test::query_caching {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kListed = 60;
constexpr std::size_t kPage = 20;
constexpr std::size_t kReadsPerChange = 50;
constexpr int kChunk = 100;

// Bar: queries with the cache, to those without.
constexpr double kQueriesMax = 0.5;

// Of lobby_page.
constexpr auto kTtl = 2'000ms;
constexpr auto kStale = 2'000ms;

/// One of the reads that are made, the same for both servers.
struct Read {
  enum class What : std::uint8_t { first_page, next_page, history };
  What what = What::first_page;
  std::size_t which = 0;  ///< The place in the list behind which a page begins, or the table.
  int from = 1;
  int limit = kChunk;
};

/// What a pass over all reads did.
struct Pass {
  std::uint64_t queries = 0;
  load::FineHistogram pages{}, histories{};
};

class QueryCaching : public testing::Test {
 protected:
  QueryCaching() {
    PlayedTables played(instances_.database_url());
    for (std::size_t i = 0; i < by_mode<std::size_t>(3, 12); ++i) played_.push_back(played.play());
    std::mt19937_64 random(1);
    Zipf page(kListed - kPage, 0.9, 2);
    Zipf table(played_.size(), 0.9, 3);
    Zipf chunk(static_cast<std::size_t>(PlayedTables::kEvents / kChunk), 0.7, 4);
    for (std::size_t i = 0; i < by_mode<std::size_t>(300, 4'000); ++i) {
      Read read;
      auto const kind = random() % 100;
      if (kind >= 45) read.what = kind < 65 ? Read::What::next_page : Read::What::history;
      read.which = read.what == Read::What::history ? table() : page();
      // The newest are read most, and some from anywhere.
      read.from = PlayedTables::kEvents - kChunk * static_cast<int>(chunk() + 1) + 1;
      if (random() % 4 == 0) read.from = 1 + static_cast<int>(random() % (PlayedTables::kEvents - 1));
      reads_.push_back(read);
    }
  }

  /// Makes all the reads, and a change of the list now and then. Compares each answer.
  Pass pass(ServeProcess const &server) {
    Pass pass;
    auto connections = ServedInstances::connections(server, 4);
    auto const token = ServedInstances::register_player(server);
    auto const owned = ServedInstances::found_table(connections.front(), token, "To be renamed");
    for (std::size_t i = listed_.now().size(); i < kListed; ++i) {
      ServedInstances::found_table(connections.front(), token, "Table " + std::to_string(i));
    }
    listed_.changed(Clock::now());
    Peer owner(server.port());
    owner.upgrade(owned);
    owner.hello(token);
    if (owner.await("welcome").is_null()) throw std::runtime_error("the owner is not let in");

    QueryCount count(instances_.database_url());
    auto const before = count.reads();
    for (std::size_t i = 0; i < reads_.size(); ++i) {
      auto &connection = connections[i % connections.size()];
      if (i % kReadsPerChange == kReadsPerChange - 1) {
        change(connection, token, owned, owner, i);
      }
      auto const &read = reads_[i];
      if (read.what == Read::What::history) {
        look_at_history(connection, token, read, pass);
      } else {
        look_at_page(connection, read, pass);
      }
    }
    pass.queries = count.reads() - before;
    return pass;
  }

  void change(KeptConnection &connection, std::string const &token, std::string const &owned, Peer &owner,
              std::size_t number) {
    ++changes_;
    auto const name = "Change " + std::to_string(number);
    if (changes_ % 4 != 0) {
      ServedInstances::found_table(connection, token, name);
      listed_.changed(Clock::now());
      return;
    }
    owner.text({{"op", "table.configure"}, {"id", std::to_string(number)}, {"data", {{"name", name}}}});
    if (owner.await("table.configured").is_null()) throw std::runtime_error("a table was not renamed");
    // The list is told behind the answer.
    auto const give_up = Clock::now() + 10s;
    while (!listed_.has(owned, name)) {
      if (Clock::now() > give_up) throw std::runtime_error("the list was not told of a new name");
      std::this_thread::sleep_for(1ms);
    }
    listed_.changed(Clock::now());
    // And the caches behind the list: of a founding that has been answered, not of this.
    renamed_at_ = Clock::now();
  }

  void look_at_page(KeptConnection &connection, Read const &read, Pass &pass) {
    std::optional<std::string> after;
    if (read.what == Read::What::next_page) after = listed_.now()[listed_.now().size() - kListed + read.which].id;
    auto const asked_at = Clock::now();
    auto const answer =
        connection.get("/v1/tables?limit=" + std::to_string(kPage) + (after ? "&after=" + *after : std::string()));
    pass.pages.record((Clock::now() - asked_at).count());
    if (answer.status != 200) {
      report_.failures.push_back("a page was answered by " + std::to_string(answer.status) + " " + answer.body);
      return;
    }
    ++report_.reads_watched;
    auto const age = listed_.age_of(ListedTables::listed_in(answer.body), after, kPage, asked_at);
    if (!age) {
      ++unlike_;
      return;
    }
    oldest_ = std::max(oldest_, *age);
    if (*age > kTtl + kStale) ++report_.stale_reads;
    // Nobody who founded a table sees a first page without it.
    bool const exact = !after && (!renamed_at_ || asked_at - *renamed_at_ > 1s);
    if (exact && *age > Clock::duration::zero()) ++undone_;
  }

  void look_at_history(KeptConnection &connection, std::string const &token, Read const &read, Pass &pass) {
    auto const target = "/v1/tables/" + played_[read.which] + "/history?from=" + std::to_string(read.from) +
                        "&limit=" + std::to_string(read.limit);
    auto const asked_at = Clock::now();
    auto const answer = connection.get(target, token);
    pass.histories.record((Clock::now() - asked_at).count());
    if (answer.status != 200) {
      report_.failures.push_back("a history was answered by " + std::to_string(answer.status) + " " + answer.body);
      return;
    }
    ++report_.reads_watched;
    // The first answer comes from the server without a cache, which asks PostgreSQL each time.
    auto const [at, first] = histories_.try_emplace(target, answer.body);
    if (!first && at->second != answer.body) ++unlike_;
  }

  double per_thousand(Pass const &pass) const {
    return 1'000 * static_cast<double>(pass.queries) / static_cast<double>(reads_.size());
  }

  CacheReport report_{"Query caching",
                      "The same reads of a server without a cache and of one with it: 45 % first pages of the lobby, "
                      "20 % pages behind it, 35 % pieces of histories, Zipf; a table is founded or renamed after every "
                      "50. Every answer is compared with what PostgreSQL has."};
  ServedInstances instances_;
  ListedTables listed_{instances_.database_url()};
  std::vector<std::string> played_;
  std::vector<Read> reads_;
  std::map<std::string, std::string> histories_;
  std::size_t changes_ = 0;
  std::optional<Clock::time_point> renamed_at_;
  std::uint64_t unlike_ = 0;
  std::uint64_t undone_ = 0;
  Clock::duration oldest_{0};
};

TEST_F(QueryCaching, AsksLessAndAnswersTheSame) {
  auto &without = instances_.start(
      "none", {"--knob=cache_table_state_ttl_ms=0,cache_lobby_page_ttl_ms=0,cache_history_page_ttl_ms=0"});
  auto const plain = pass(without);
  instances_.end(without);
  auto const oldest_without = std::exchange(oldest_, Clock::duration::zero());
  auto &with =
      instances_.start(PrivateServers::shared().redis_url(),
                       {"--knob=cache_lobby_page_ttl_ms=" + std::to_string(kTtl.count()),
                        "--knob=cache_lobby_page_stale_while_revalidate_ms=" + std::to_string(kStale.count())});
  auto const cached = pass(with);

  auto const ratio = per_thousand(cached) / per_thousand(plain);
  report_.add({.name = "queries per 1,000 reads, without the cache", .value = per_thousand(plain)});
  report_.add({.name = "queries per 1,000 reads, with the cache", .value = per_thousand(cached)});
  report_.add({.name = "queries with the cache, to those without",
               .value = ratio,
               .must = Figure::Must::be_at_most,
               .bar = kQueriesMax,
               .kind = Figure::Kind::ratio});
  report_.add({.name = "answers that are at no version what PostgreSQL had",
               .value = static_cast<double>(unlike_),
               .must = Figure::Must::be_at_most,
               .bar = 0,
               .kind = Figure::Kind::right});
  report_.add({.name = "first pages from before a founding that had been answered",
               .value = static_cast<double>(undone_),
               .must = Figure::Must::be_at_most,
               .bar = 0,
               .kind = Figure::Kind::right});
  report_.time("lobby page, without", plain.pages.quantiles());
  report_.time("lobby page, with", cached.pages.quantiles());
  report_.time("piece of a history, without", plain.histories.quantiles());
  report_.time("piece of a history, with", cached.histories.quantiles());
  for (std::string const cls : {"lobby_page", "history_page"}) {
    auto const count = [&](std::string const &name, std::string const &labels) {
      return ServedInstances::metric(with, "tableforge_cache_" + name + "_total{class=\"" + cls + "\"" + labels + "}");
    };
    auto const memory = count("hits", ",level=\"l1\"");
    auto const redis = count("hits", ",level=\"l2\"");
    auto const loads = count("loads", "");
    report_.findings.push_back(cls + ": " + load::number_words(memory) + " answers from memory, " +
                               load::number_words(redis) + " from Redis, " + load::number_words(loads) +
                               " loads from PostgreSQL");
    if (loads > memory + redis) {
      report_.recommendations.push_back(cls + " is loaded more often than it is found: raise cache_" + cls +
                                        "_ttl_ms, or set it to 0 to be rid of the class.");
    }
  }
  report_.findings.push_back("the oldest page that was served was out of date for " + load::duration_words(oldest_) +
                             ", of the " + load::duration_words(kTtl + kStale) +
                             " that are allowed; without the cache " + load::duration_words(oldest_without));
  report_.recommendations.push_back(
      "Let clients ask for histories from 1, 101, 201, …: what lies across two chunks is read as both, and what lies "
      "behind the last whole chunk is read from PostgreSQL each time.");
  conclude(report_, "cache-query-caching");
}

}  // namespace
}  // namespace tableforge::test::query_caching
