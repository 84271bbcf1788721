#include "performance/support/played_tables.hpp"

#include <chrono>
#include <future>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tableforge/codec/event_body.hpp"
#include "tableforge/codec/state_document.hpp"
#include "tableforge/storage/connection_pool.hpp"
#include "tableforge/storage/postgres_journal.hpp"
#include "tableforge/storage/postgres_snapshot_store.hpp"

#include "unit/table/game.hpp"

namespace tableforge::test {

namespace {

void must(bool holds, char const *what) {
  if (!holds) throw std::runtime_error(what);
}

}  // namespace

class PlayedTables::Writer {
 public:
  explicit Writer(std::string const &url)
      : pool_({.url = url}, storage_metrics_), journal_({.url = url, .writers = 2}, pool_, knobs_, metrics_) {}

  std::string play() {
    TableId const id{Uuid::random()};
    auto founding = table::test::founding_of();
    founding.id = id;
    founding.listing = table::Listing::open;
    table::test::SeededChance chance(7);
    table::State state;
    keep(state, table::found_table(table::test::shipped_system("cards-52"), founding, now_, chance).value());
    act(state, chance, table::SeatTake{.seat = state.seats[0].id});
    while (state.seq < kEventsBefore) talk(state, chance);
    storage::PostgresSnapshotStore snapshots(pool_);
    must(snapshots.save(id, {.seq = state.seq, .state = codec::encode_state(state)}).has_value(), "no snapshot");
    while (state.seq < kEvents) talk(state, chance);
    for (auto &each : commits_) must(each.get() == host::Appended::committed, "an event was not committed");
    commits_.clear();
    return id.value.text();
  }

 private:
  void talk(table::State &state, table::Chance &chance) {
    act(state, chance,
        state.seq % 5 == 0 ? table::Operation(table::ZoneShuffle{.zone = ZoneId("deck")})
                           : table::Operation(table::ChatSay{.text = "a line of the usual length, as people say"}));
  }
  void act(table::State &state, table::Chance &chance, table::Operation operation) {
    now_ += std::chrono::seconds(1);
    table::Action const action{.by = table::test::kOwner,
                               .client = ClientId("c"),
                               .id = ActionId(std::to_string(state.seq)),
                               .precondition = {},
                               .operation = std::move(operation)};
    keep(state, table::decide(state, action, now_, chance).value());
  }
  void keep(table::State &state, table::Event const &event) {
    table::apply(state, event);
    auto done = std::make_shared<std::promise<host::Appended>>();
    commits_.push_back(done->get_future());
    journal_.append({.table = state.id,
                     .first_seq = event.seq,
                     .n = 1,
                     .append_id = Uuid::random(),
                     .at = event.at,
                     .body = codec::encode_events(std::span(&event, 1))},
                    [done](host::Appended outcome) { done->set_value(outcome); });
  }

  Knobs knobs_;
  metrics::JournalMetrics metrics_;
  metrics::StorageMetrics storage_metrics_;
  storage::ConnectionPool pool_;
  storage::PostgresJournal journal_;
  Time now_ = table::test::kStart;
  std::vector<std::future<host::Appended>> commits_;
};

PlayedTables::PlayedTables(std::string const &database_url) : writer_(std::make_unique<Writer>(database_url)) {}
PlayedTables::~PlayedTables() = default;

std::string PlayedTables::play() { return writer_->play(); }

}  // namespace tableforge::test
