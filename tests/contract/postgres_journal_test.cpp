#include <algorithm>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include "tableforge/base/guarded.hpp"
#include "tableforge/log/log.hpp"

#include "journal_world.hpp"
#include "tcp_proxy.hpp"

namespace tableforge::test {
namespace {

using host::Appended;
using metrics::AppendOutcome;
using namespace std::chrono_literals;

void sql(std::string const &url, std::string const &statements) {
  pqxx::connection connection(url);
  pqxx::nontransaction(connection).exec(statements);
}

/// Waits for something that another thread is about to bring; only as long as it takes.
template <class Condition>
bool eventually(Condition condition) {
  auto const end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

/// Lines of the log that contain a text, from construction on.
class LogWatch {
 public:
  LogWatch() {
    log::init({.level = log::Level::info, .sink = [lines = lines_](std::string_view line) {
                 lines->with([&](auto &all) { all.emplace_back(line); });
               }});
  }
  ~LogWatch() { log::init({}); }
  [[nodiscard]] long count(std::string_view text) const {
    return lines_->with([&](auto const &all) {
      return std::ranges::count_if(all, [&](std::string const &line) { return line.contains(text); });
    });
  }

 private:
  std::shared_ptr<Guarded<std::vector<std::string>>> lines_ = std::make_shared<Guarded<std::vector<std::string>>>();
};

/// A journal whose writer speaks through a proxy, and another that does not.
class PostgresJournalOutcome : public testing::Test {
 protected:
  std::string const url = migrated_database();
  TcpProxy proxy{url};
  PostgresInstance ours{url, proxy.url(), 1};
  PostgresInstance rival{url};
  TableId const table = new_table();

  std::uint64_t count(AppendOutcome outcome) { return ours.metrics.appends.at(outcome).value(); }
  std::vector<Uuid> stored() {
    std::vector<Uuid> marks;
    auto const rows = rival.journal.rows_after(table, 0).value();
    for (host::Row const &row : rows) marks.push_back(row.append_id);
    return marks;
  }
};

TEST_F(PostgresJournalOutcome, IsCommittedWhenOnlyTheAnswerWasLost) {
  host::Append const append = make_append(table, 1);
  proxy.arm(append.append_id.text(), TcpProxy::Cut::before_answer);

  EXPECT_EQ(append_and_wait(ours.journal, append), Appended::committed);

  EXPECT_TRUE(proxy.wait_for_cut());
  EXPECT_EQ(stored(), std::vector{append.append_id});
  EXPECT_EQ(ours.metrics.unknown.value(), 1u);
  EXPECT_EQ(count(AppendOutcome::committed), 1u);
}

TEST_F(PostgresJournalOutcome, IsCommittedByARepeatWhenTheRequestWasLost) {
  host::Append const append = make_append(table, 1);
  proxy.arm(append.append_id.text(), TcpProxy::Cut::before_request);

  EXPECT_EQ(append_and_wait(ours.journal, append), Appended::committed);

  EXPECT_TRUE(proxy.wait_for_cut());
  EXPECT_EQ(stored(), std::vector{append.append_id});
  EXPECT_EQ(ours.metrics.unknown.value(), 1u);
}

TEST_F(PostgresJournalOutcome, IsLostWhenAnotherWriterWasFasterThanTheRepeat) {
  host::Append const append = make_append(table, 1);
  host::Append const faster = make_append(table, 1);
  ASSERT_EQ(append_and_wait(ours.journal, make_append(new_table(), 1)), Appended::committed);
  proxy.refuse(true);
  proxy.arm(append.append_id.text(), TcpProxy::Cut::before_request);
  auto pending = start_append(ours.journal, append);
  ASSERT_TRUE(proxy.wait_for_cut());
  ASSERT_EQ(append_and_wait(rival.journal, faster), Appended::committed);
  EXPECT_EQ(pending.wait_for(0s), std::future_status::timeout);
  proxy.refuse(false);

  EXPECT_EQ(outcome_of(pending), Appended::lost);

  EXPECT_EQ(stored(), std::vector{faster.append_id});
}

TEST_F(PostgresJournalOutcome, TellsEachOfABatchApartAfterALostAnswer) {
  ASSERT_EQ(append_and_wait(ours.journal, make_append(new_table(), 1)), Appended::committed);
  host::Append const theirs = make_append(table, 1);
  ASSERT_EQ(append_and_wait(rival.journal, theirs), Appended::committed);
  std::vector<host::Append> batch;
  for (int i = 0; i < 20; ++i) batch.push_back(make_append(new_table(), 1));
  proxy.arm(batch.back().append_id.text(), TcpProxy::Cut::before_answer);

  std::vector<std::future<Appended>> futures;
  auto loser = start_append(ours.journal, make_append(table, 1));
  for (host::Append const &append : batch) futures.push_back(start_append(ours.journal, append));

  EXPECT_EQ(outcome_of(loser), Appended::lost);
  for (auto &future : futures) EXPECT_EQ(outcome_of(future), Appended::committed);
  for (host::Append const &append : batch) {
    auto const rows = rival.journal.rows_after(append.table, 0);
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_EQ(rows->front().append_id, append.append_id);
  }
  EXPECT_TRUE(proxy.wait_for_cut());
}

TEST_F(PostgresJournalOutcome, IsTheOldSessionsIfThatCommitsWhileWeRepeat) {
  // The first attempt's session still runs when the second one begins: a session of the test's own plays its part.
  host::Append const append = make_append(table, 1);
  pqxx::connection old_session(url);
  pqxx::work old_attempt(old_session);
  old_attempt.exec("insert into commit_row values ('" + table.value.text() + "', 1, 1, '" + append.append_id.text() +
                   "', now(), '[]')");
  proxy.arm(append.append_id.text(), TcpProxy::Cut::before_request);
  auto pending = start_append(ours.journal, append);
  ASSERT_TRUE(proxy.wait_for_cut());
  pqxx::connection observer(url);
  ASSERT_TRUE(eventually([&] {
    return pqxx::nontransaction(observer)
        .exec(
            "select exists (select from pg_stat_activity where wait_event = 'transactionid'"
            " and datname = current_database())")[0][0]
        .as<bool>();
  })) << "the repeat does not wait for the session that holds the key";
  EXPECT_EQ(pending.wait_for(0s), std::future_status::timeout);

  old_attempt.commit();

  EXPECT_EQ(outcome_of(pending), Appended::committed);
  EXPECT_EQ(stored(), std::vector{append.append_id});
}

/// A journal on a database of its own, whose rules a test may bend.
class PostgresJournalErrors : public testing::Test {
 protected:
  std::string const url = migrated_database();
  TableId const table = new_table();
};

TEST_F(PostgresJournalErrors, RetriesDeadlocksAndSerializationFailures) {
  for (std::string const code : {"40001", "40P01"}) {
    // A sequence does not roll back, so the trigger fails twice and then no more.
    sql(url,
        "create sequence attempts; create function fail_twice() returns trigger language plpgsql as $$ begin"
        " if nextval('attempts') <= 2 then raise exception 'again' using errcode = '" +
            code +
            "'; end if;"
            " return new; end $$; create trigger fail_twice before insert on commit_row for each row"
            " execute function fail_twice()");
    PostgresInstance ours(url);
    EXPECT_EQ(append_and_wait(ours.journal, make_append(new_table(), 1)), Appended::committed) << code;
    EXPECT_EQ(ours.metrics.retried.value(), 2u) << code;
    EXPECT_EQ(ours.metrics.unknown.value(), 0u) << code;
    sql(url, "drop trigger fail_twice on commit_row; drop function fail_twice; drop sequence attempts");
  }
}

TEST_F(PostgresJournalErrors, RefusesOnlyTheOneThatBreaksAConstraint) {
  sql(url, "alter table commit_row add constraint few check (n < 1000)");
  PostgresInstance ours(url);
  std::vector<std::future<Appended>> healthy;
  auto culprit = start_append(ours.journal, make_append(table, 1, 1'000));
  for (int i = 0; i < 49; ++i) healthy.push_back(start_append(ours.journal, make_append(new_table(), 1)));

  EXPECT_EQ(outcome_of(culprit), Appended::refused);
  for (auto &each : healthy) EXPECT_EQ(outcome_of(each), Appended::committed);
  EXPECT_EQ(ours.metrics.appends.at(AppendOutcome::poisoned).value(), 1u);
}

TEST_F(PostgresJournalErrors, StaysPendingWhileTheServerCannotTakeIt) {
  sql(url, "alter table commit_row rename to elsewhere");
  LogWatch const log;
  PostgresInstance ours(url);
  auto pending = start_append(ours.journal, make_append(table, 1));
  ASSERT_TRUE(eventually([&] { return ours.metrics.retried.value() >= 2; }));
  EXPECT_EQ(pending.wait_for(0s), std::future_status::timeout);
  EXPECT_FALSE(ours.journal.available());

  sql(url, "alter table elsewhere rename to commit_row");

  EXPECT_EQ(outcome_of(pending), Appended::committed);
  EXPECT_TRUE(ours.journal.available());
  EXPECT_EQ(log.count("the journal does not reach PostgreSQL"), 1) << "connecting again is no recovery";
}

TEST_F(PostgresJournalErrors, TriesAgainWhenAStatementTakesTooLong) {
  PostgresInstance ours(url, "", 1, 100ms);
  pqxx::connection blocker(url);
  pqxx::work held(blocker);
  held.exec("lock table commit_row in access exclusive mode");
  auto pending = start_append(ours.journal, make_append(table, 1));
  ASSERT_TRUE(eventually([&] { return ours.metrics.retried.value() >= 2; }));
  EXPECT_EQ(pending.wait_for(0s), std::future_status::timeout);

  held.commit();

  EXPECT_EQ(outcome_of(pending), Appended::committed);
  EXPECT_EQ(ours.metrics.unknown.value(), 0u) << "the server answered each time";
}

TEST_F(PostgresJournalErrors, NeverLogsWhatABodySays) {
  LogWatch const log;
  PostgresInstance ours(url);
  ASSERT_EQ(append_and_wait(ours.journal, make_append(table, 1, 1, R"([{"face":"secretcard","text":"\u0000"}])")),
            Appended::refused);
  EXPECT_EQ(log.count("PostgreSQL refuses an append"), 1);
  EXPECT_EQ(log.count("secretcard"), 0);
}

TEST_F(PostgresJournalErrors, CommitsDurablyWhateverTheDefaultsAre) {
  sql(url,
      "do $$ begin execute format('alter database %I set synchronous_commit = off', current_database());"
      " execute format('alter database %I set default_transaction_isolation = serializable', current_database());"
      " end $$;"
      "create table seen (synchronous_commit text, isolation text);"
      "create function note() returns trigger language plpgsql as $$ begin insert into seen"
      " values (current_setting('synchronous_commit'), current_setting('transaction_isolation'));"
      " return new; end $$;"
      "create trigger note before insert on commit_row for each row execute function note()");
  PostgresInstance ours(url);
  ASSERT_EQ(append_and_wait(ours.journal, make_append(table, 1)), Appended::committed);

  pqxx::connection connection(url);
  pqxx::result const seen = pqxx::nontransaction(connection).exec("select * from seen");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0][0].as<std::string>(), "on");
  EXPECT_EQ(seen[0][1].as<std::string>(), "read committed");
}

TEST_F(PostgresJournalErrors, CarriesNoMoreRowsThanItsKnobSays) {
  PostgresInstance ours(url, "", 1);
  ASSERT_TRUE(ours.knobs.journal_batch_rows_max.set(3));
  std::vector<std::future<Appended>> futures;
  for (int i = 0; i < 100; ++i) futures.push_back(start_append(ours.journal, make_append(new_table(), 1)));
  for (auto &future : futures) ASSERT_EQ(outcome_of(future), Appended::committed);
  auto const rows = ours.metrics.batch_rows.snapshot();
  EXPECT_EQ(rows.sum(), 100u);
  EXPECT_LE(rows.quantile(1), 3u);
  EXPECT_GT(rows.quantile(1), 1u);
}

/// What stops and starts the server has one of its own.
class PostgresJournalOutage : public testing::Test {
 protected:
  PrivateServers servers;
  std::string const url = [this] {
    EXPECT_TRUE(storage::migrate(servers.database_url()));
    return servers.database_url();
  }();
  TableId const table = new_table();
};

TEST_F(PostgresJournalOutage, KeepsAppendsPendingAndCommitsThemOnce) {
  LogWatch const log;
  PostgresInstance ours(url);
  ASSERT_EQ(append_and_wait(ours.journal, make_append(table, 1)), Appended::committed);
  EXPECT_TRUE(ours.journal.available());
  EXPECT_EQ(ours.metrics.available.value(), 1);

  servers.stop_postgres(PrivateServers::Stop::immediate);
  std::vector<host::Append> appends;
  std::vector<std::future<Appended>> pending;
  appends.push_back(make_append(table, 2));
  for (int i = 0; i < 10; ++i) appends.push_back(make_append(new_table(), 1));
  for (host::Append const &append : appends) pending.push_back(start_append(ours.journal, append));
  ASSERT_TRUE(eventually([&] { return !ours.journal.available(); }));
  EXPECT_EQ(ours.metrics.available.value(), 0);
  EXPECT_EQ(ours.metrics.in_flight.value(), 11);
  auto const unreadable = ours.journal.rows_after(table, 0);
  ASSERT_FALSE(unreadable);
  EXPECT_EQ(unreadable.error().code, Errc::unavailable);
  for (auto &each : pending) EXPECT_EQ(each.wait_for(0s), std::future_status::timeout);

  servers.start_postgres();

  for (auto &each : pending) EXPECT_EQ(outcome_of(each), Appended::committed);
  EXPECT_TRUE(ours.journal.available());
  EXPECT_EQ(ours.metrics.available.value(), 1);
  EXPECT_EQ(ours.metrics.in_flight.value(), 0);
  for (host::Append const &append : appends) {
    auto const rows = ours.journal.rows_after(append.table, append.first_seq - 1);
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 1u);
    EXPECT_EQ(rows->front().append_id, append.append_id);
  }
  EXPECT_EQ(log.count("the journal does not reach PostgreSQL"), 1);
  EXPECT_EQ(log.count("the journal reaches PostgreSQL"), 2);
}

TEST_F(PostgresJournalOutage, ReadersComeBackByThemselves) {
  PostgresInstance ours(url);
  ASSERT_EQ(append_and_wait(ours.journal, make_append(table, 1)), Appended::committed);
  ASSERT_TRUE(ours.journal.rows_after(table, 0));

  servers.restart_postgres(PrivateServers::Stop::immediate);

  auto const rows = ours.journal.rows_after(table, 0);
  ASSERT_TRUE(rows) << "a session that died unnoticed must not fail a question";
  EXPECT_EQ(rows->size(), 1u);
}

TEST_F(PostgresJournalOutage, CloseCancelsWhatCannotBeCommitted) {
  PostgresInstance ours(url);
  ASSERT_EQ(append_and_wait(ours.journal, make_append(table, 1)), Appended::committed);
  servers.stop_postgres(PrivateServers::Stop::fast);
  auto pending = start_append(ours.journal, make_append(table, 2));

  ours.journal.close(0s);

  ASSERT_EQ(pending.wait_for(0s), std::future_status::ready);
  EXPECT_EQ(pending.get(), Appended::cancelled);
  EXPECT_EQ(append_and_wait(ours.journal, make_append(table, 2)), Appended::cancelled);
  EXPECT_EQ(ours.metrics.in_flight.value(), 0);
}

class PostgresJournalClose : public PostgresJournalErrors {};

TEST_F(PostgresJournalClose, FinishesWhatItCan) {
  PostgresInstance ours(url);
  std::vector<std::future<Appended>> futures;
  for (int i = 0; i < 500; ++i) futures.push_back(start_append(ours.journal, make_append(new_table(), 1)));

  ours.journal.close(kPatience);

  for (auto &future : futures) {
    ASSERT_EQ(future.wait_for(0s), std::future_status::ready);
    EXPECT_EQ(future.get(), Appended::committed);
  }
}

TEST_F(PostgresJournalClose, CutsAStatementThatHangs) {
  PostgresInstance ours(url);
  ASSERT_EQ(append_and_wait(ours.journal, make_append(table, 1)), Appended::committed);
  pqxx::connection blocker(url);
  pqxx::work held(blocker);
  held.exec("lock table commit_row in access exclusive mode");
  auto pending = start_append(ours.journal, make_append(table, 2));
  pqxx::connection observer(url);
  ASSERT_TRUE(eventually([&] {
    return pqxx::nontransaction(observer)
        .exec(
            "select exists (select from pg_locks where not granted"
            " and database = (select oid from pg_database where datname = current_database()))")[0][0]
        .as<bool>();
  }));

  ours.journal.close(0s);

  ASSERT_EQ(pending.wait_for(0s), std::future_status::ready);
  EXPECT_EQ(pending.get(), Appended::cancelled);
}

}  // namespace
}  // namespace tableforge::test
