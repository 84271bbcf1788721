#pragma once

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tableforge/codec/event_body.hpp"
#include "tableforge/codec/system_document.hpp"
#include "tableforge/host/table_host.hpp"
#include "tableforge/storage/memory_journal.hpp"
#include "tableforge/storage/memory_snapshot_store.hpp"

#include "unit/table/test_chance.hpp"

namespace tableforge::host {

using Json = nlohmann::json;

/// A connection that keeps what it is told.
class Listener final : public Subscriber {
 public:
  Listener(Knobs const &knobs, metrics::HostMetrics &metrics) : outbox_(knobs, metrics) {}

  Outbox &outbox() override { return outbox_; }
  bool deliver(std::span<Frame const> pieces) override {
    if (!reading || !outbox_.empty() || outbox_.overflowed()) return false;
    for (auto const &piece : pieces) hear(piece);
    return true;
  }
  void outbox_filled() override {
    if (reading) read();
  }
  void close(protocol::CloseReason reason, std::optional<std::chrono::milliseconds>) override { closed = reason; }

  void read() {
    while (auto frame = outbox_.take()) hear(*frame);
  }
  [[nodiscard]] std::vector<Json> of(std::string const &ev) const {
    std::vector<Json> found;
    std::ranges::copy_if(heard, std::back_inserter(found), [&](Json const &each) { return each.at("ev") == ev; });
    return found;
  }
  [[nodiscard]] std::vector<Seq> seqs() const {
    std::vector<Seq> found;
    for (auto const &each : heard) {
      if (each.contains("at") || each.at("ev") == "skip") found.push_back(each.at("seq"));
    }
    return found;
  }

  bool reading = true;
  std::vector<Json> heard;
  std::optional<protocol::CloseReason> closed;

 private:
  /// One message a line.
  void hear(Frame const &piece) {
    std::istringstream lines{std::string(piece.text())};
    std::uint32_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) heard.push_back(Json::parse(line));
    EXPECT_EQ(count, piece.count);
  }

  Outbox outbox_;
};

/// One instance of the server, as far as a table knows it.
struct Instance {
  Instance(runtime::Shard &shard, metrics::RuntimeMetrics &runtime_metrics, Knobs const &knobs,
           metrics::HostMetrics &metrics, std::shared_ptr<storage::MemoryRows> rows,
           storage::MemorySnapshotStore &snapshots, table::Chance &chance)
      : journal(std::move(rows)),
        pool({.name = "test", .threads = 1, .queue_max = 64}, runtime_metrics),
        scope(shard),
        appends(shard, journal),
        presence_window(shard),
        context{.shard = shard,
                .scope = scope,
                .pool = pool,
                .journal = journal,
                .appends = appends,
                .presence_window = presence_window,
                .snapshots = snapshots,
                .chance = chance,
                .knobs = knobs,
                .metrics = metrics,
                .turn_memory = turn_memory,
                .framer = [](std::string &out, std::string_view message) { out.append(message).append("\n"); },
                .renamed = [this](TableId, std::string const &name) { renames.push_back(name); }} {}

  storage::MemoryJournal journal;
  runtime::BlockingPool pool;
  runtime::Scope scope;
  std::vector<std::string> renames;
  TurnMemory turn_memory;
  AppendBatch appends;
  PresenceWindow presence_window;
  HostContext context;
  std::shared_ptr<TableHost> table;
};

/// Tables on a shard that the test turns, over journals in memory; several instances share their rows.
class TableTest : public testing::Test {
 protected:
  TableTest() : metrics(vocabulary()) {
    shard.adopt_this_thread();
    EXPECT_TRUE(knobs.presence_window.set(std::chrono::milliseconds(0)));
  }
  ~TableTest() override {
    for (auto &instance : instances) {
      instance->scope.cancel();
      instance->table.reset();
    }
    settle();
    for (auto &instance : instances) instance->pool.drain();
    shard.stop();
  }

  static metrics::Vocabulary vocabulary() {
    metrics::Vocabulary words;
    for (std::size_t i = 0; i <= table::kClientOperations; ++i) words.ops.push_back(table::op_word(i));
    return words;
  }

  static table::GameSystem system(std::string const &name) {
    std::ifstream file(TABLEFORGE_SOURCE_DIR "/deploy/systems/" + name + ".json");
    auto parsed = codec::parse_system(std::string(std::istreambuf_iterator<char>(file), {}));
    EXPECT_TRUE(parsed) << parsed.error();
    return *parsed;
  }

  static PlayerId player(std::uint8_t number) {
    PlayerId id;
    id.value.bytes[15] = number;
    return id;
  }

  /// Commits the founding of a table owned by player 1, as its first instance would.
  void found(std::string const &system_name, table::Listing listing = table::Listing::open) {
    auto event = table::found_table(
        system(system_name),
        {.id = table_id, .name = "Friday", .listing = listing, .seats = {}, .owner = player(1), .owner_name = "Ann"},
        wall_clock_now(), chance);
    ASSERT_TRUE(event);
    rows->with([&](auto &tables) {
      tables[table_id][1] = Row{.first_seq = 1,
                                .n = 1,
                                .append_id = Uuid::random(),
                                .at = event->at,
                                .body = codec::encode_events(std::span(&*event, 1))};
    });
  }

  Instance &open() {
    instances.push_back(std::make_unique<Instance>(shard, runtime_metrics, knobs, metrics, rows, snapshots, chance));
    auto &instance = *instances.back();
    auto loaded = load_table(table_id, instance.journal, snapshots, knobs.replay_events_max.get());
    EXPECT_TRUE(loaded);
    instance.table = std::make_shared<TableHost>(instance.context, std::move(*loaded));
    return instance;
  }

  std::unique_ptr<Listener> listener() { return std::make_unique<Listener>(knobs, metrics); }

  std::unique_ptr<Listener> joined(Instance &instance, std::uint8_t number, std::string const &client = "c",
                                   std::optional<Seq> resume = std::nullopt) {
    auto member = listener();
    instance.table->join(*member, player(number), "Player " + std::to_string(number), ClientId(client), resume);
    turn_until([&] { return !member->of("welcome").empty(); });
    return member;
  }

  static void act(Instance &instance, Listener &member, std::string const &id, table::Operation operation,
                  std::optional<table::Precondition> precondition = std::nullopt) {
    instance.table->submit(
        member, {.id = ActionId(id), .precondition = std::move(precondition), .operation = std::move(operation)},
        std::chrono::steady_clock::now());
  }

  void settle() {
    while (shard.turn() > 0) {
    }
  }

  void turn_until(std::function<bool()> const &reached) {
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!reached()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it did not come about";
      // What the test did by itself leaves at a turn's end, and must not wait for something else to happen.
      shard.turn();
      if (reached()) return;
      shard.context().run_one_for(std::chrono::milliseconds(50));
      shard.turn();
    }
  }

  metrics::RuntimeMetrics runtime_metrics;
  metrics::HostMetrics metrics;
  Knobs knobs;
  runtime::Shard shard{0, runtime_metrics};
  table::test::SeededChance chance{7};
  std::shared_ptr<storage::MemoryRows> rows = std::make_shared<storage::MemoryRows>();
  storage::MemorySnapshotStore snapshots;
  TableId table_id{Uuid::random()};
  std::vector<std::unique_ptr<Instance>> instances;
};

}  // namespace tableforge::host
