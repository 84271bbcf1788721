#include "tableforge/storage/postgres_database.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "tableforge/log/log.hpp"
#include "tableforge/storage/connection_pool.hpp"

#include "storage/connections.hpp"
#include "storage/conninfo.hpp"
#include "storage/index_builder.hpp"
#include "storage/plan_scans.hpp"
#include "storage/row_values.hpp"

namespace tableforge::storage {

namespace {

using tuner::IndexSpec;

/// More values would tell little more of a cost, and each is planned for every index that is thought of.
constexpr std::size_t kBindsAsked = 8;

constexpr Statement kAbilities{"tuner_abilities",
                               "select exists (select from pg_extension where extname = 'pg_stat_statements'),"
                               " exists (select from pg_settings where name = 'pg_stat_statements.max'),"
                               " exists (select from pg_extension where extname = 'hypopg')"};
constexpr Statement kStatements{
    "tuner_statements",
    "select queryid, left(query, 1000), calls, mean_exec_time, stddev_exec_time, shared_blks_hit + shared_blks_read, "
    "rows"
    " from pg_stat_statements s join pg_database d on d.oid = s.dbid"
    " where d.datname = current_database() and queryid is not null and toplevel order by total_exec_time desc limit "
    "500"};
constexpr Statement kTables{
    "tuner_tables",
    "select t.relname, t.n_live_tup, t.n_tup_ins, t.n_tup_upd, t.n_tup_hot_upd, t.n_tup_del, t.n_mod_since_analyze,"
    " coalesce(t.last_analyze, t.last_autoanalyze) is not null,"
    " (select count(*) from pg_index i where i.indrelid = t.relid)"
    " from pg_stat_user_tables t where t.schemaname = current_schema()"};

// One lock for all instances of a deployment, held by the session. Asked twice it would be held twice.
#define TF_TUNER_LOCK "7020115612"
constexpr Statement kLead{
    "tuner_lead",
    "select case when exists (select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and granted"
    " and (classid::bigint << 32) + objid::bigint = " TF_TUNER_LOCK
    " and database = (select oid from pg_database where datname = current_database()))"
    " then true else pg_try_advisory_lock(" TF_TUNER_LOCK ") end"};
#undef TF_TUNER_LOCK

constexpr Statement kAutoIndexes{
    "tuner_auto_indexes",
    "select x.name, x.tab, x.valid, x.building, x.bytes, x.cols,"
    " coalesce((select a.state in ('kept', 'set') and (a.changes -> 0 ->> 'to')::float8 = 1 from tuner_action a"
    "  where a.domain = 'database' and a.knob = 'index.' || x.tab || '.' || x.cols order by a.at desc limit 1), false)"
    " from (select c.relname as name, t.relname as tab, i.indisvalid as valid,"
    "  exists (select from pg_stat_progress_create_index p where p.index_relid = c.oid) as building,"
    "  pg_relation_size(c.oid) as bytes,"
    "  (select string_agg(a.attname, '.' order by k.n) from unnest(i.indkey::int2[]) with ordinality k(att, n)"
    "   join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.att) as cols"
    "  from pg_class c join pg_index i on i.indexrelid = c.oid join pg_class t on t.oid = i.indrelid"
    "  where starts_with(c.relname::text, 'tf_auto_') and c.relnamespace = current_schema()::regnamespace) x"
    " order by x.name"};
constexpr Statement kPremises{
    "tuner_premises",
    "select pg_database_size(current_database()),"
    " (select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0) from pg_stat_activity"
    "  where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'),"
    " (select count(*) from tuner_action where domain = 'database' and state = 'trial'"
    "  and at > now() - interval '1 day')"};
constexpr Statement kStopBuild{
    "tuner_stop_build",
    "select pg_cancel_backend(p.pid) from pg_stat_progress_create_index p join pg_class c on c.oid = p.index_relid"
    " where c.relname = $1 and c.relnamespace = current_schema()::regnamespace"};
constexpr Statement kExists{"tuner_index_exists", "select to_regclass($1) is not null"};
constexpr Statement kCancel{"tuner_cancel", "select pg_cancel_backend($1)"};
constexpr Statement kStopOrphans{
    "tuner_stop_orphans",
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tableforge-index'"
    " and datname = current_database() and usename = current_user and pid <> $1"};
constexpr Statement kQuarantined{
    "tuner_quarantined",
    "select knob, (extract(epoch from until) * 1000000)::bigint, days, reason from tuner_quarantine"
    " where domain = 'database'"};
constexpr Statement kQuarantine{
    "tuner_quarantine_add",
    "insert into tuner_quarantine (domain, knob, until, days, reason) values ('database', $1, $2, $3, $4)"
    " on conflict (domain, knob) do update set until = excluded.until, days = excluded.days, reason = excluded.reason"};

// As a function, so that pg_stat_statements counts one statement and not one for each set of values: it keeps utility
// statements with their literals.
constexpr Statement kAskerExists{"tuner_asker_exists",
                                 "select exists (select from pg_proc where proname = 'tf_ask'"
                                 " and pronamespace = pg_my_temp_schema())"};
constexpr char const *kMakeAsker =
    "create function pg_temp.tf_ask(text) returns text language plpgsql as"
    " 'declare answer text; begin execute $1 into answer; return answer; end';"
    "set plan_cache_mode = force_custom_plan";
constexpr Statement kAsk{"tuner_ask", "select pg_temp.tf_ask($1)"};
constexpr Statement kPrepared{"tuner_prepared",
                              "select exists (select from pg_prepared_statements where name = 'tf_explained')"};
constexpr Statement kForgetAssumed{"tuner_forget_assumed", "select hypopg_reset()"};
constexpr Statement kAssume{"tuner_assume", "select hypopg_relation_size(indexrelid) from hypopg_create_index($1)"};

std::string literal(std::string_view text) {
  std::string quoted = "'";
  for (char const c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + '\'';
}

std::string execution(std::vector<std::string> const &values) {
  std::string text = "explain (verbose, format json) execute tf_explained";
  for (std::size_t i = 0; i < values.size(); ++i) text += (i == 0 ? "(" : ", ") + literal(values[i]);
  return values.empty() ? text : text + ')';
}

std::string definition(IndexSpec const &spec) {
  std::string text = "create index on " + spec.table + " (";
  for (std::size_t i = 0; i < spec.columns.size(); ++i) text += (i == 0 ? "" : ", ") + spec.columns[i];
  return text + ')';
}

std::string named(std::string const &url, std::string_view application) {
  auto const parsed = conninfo(url);
  if (!parsed) return {};
  return *parsed + " application_name=" + std::string(application);
}

}  // namespace

class PostgresDatabase::Inside {
 public:
  Inside(Options options, BindSamples const &binds, metrics::StorageMetrics &metrics)
      : samples(binds),
        questions({.url = named(options.url, "tableforge-tuner"),
                   .connections_max = 1,
                   .acquire_timeout = std::chrono::seconds(2),
                   .statement_timeout = options.question_timeout},
                  metrics),
        builder({.conninfo = named(options.url, "tableforge-index"),
                 .build_timeout = options.build_timeout,
                 .lock_timeout = options.lock_timeout}) {}

  template <class F>
  auto ask(Statement const &what, F f) {
    return questions.connections().ask(what.name, std::move(f));
  }

  BindSamples const &samples;
  ConnectionPool questions;
  IndexBuilder builder;
};

PostgresDatabase::PostgresDatabase(Options options, BindSamples const &samples, metrics::StorageMetrics &metrics)
    : inside_(std::make_unique<Inside>(std::move(options), samples, metrics)) {}

PostgresDatabase::~PostgresDatabase() = default;

Result<tuner::DatabaseAbilities> PostgresDatabase::abilities() {
  return inside_->ask(kAbilities, [](Connection &session) -> Result<tuner::DatabaseAbilities> {
    auto const row = session.run(kAbilities)[0];
    tuner::DatabaseAbilities found;
    if (!row[1].as<bool>()) {
      found.no_statements =
          "pg_stat_statements is not in shared_preload_libraries, so nobody knows what statements cost";
    } else if (!row[0].as<bool>()) {
      found.no_statements = "the extension pg_stat_statements is not created in this database";
    }
    if (!row[2].as<bool>()) {
      found.no_pricing = "the extension hypopg is not created in this database, so an index cannot be priced unbuilt";
    }
    return found;
  });
}

Result<tuner::DatabaseTotals> PostgresDatabase::totals() {
  auto const able = abilities();
  if (!able) return std::unexpected(able.error());
  return inside_->ask(kStatements, [&](Connection &session) -> Result<tuner::DatabaseTotals> {
    tuner::DatabaseTotals totals;
    if (able->no_statements.empty()) {
      for (auto const &row : session.run(kStatements)) {
        auto const id = row[0].as<std::int64_t>();
        // By another role it is another row.
        auto found = std::ranges::find(totals.statements, id, &tuner::StatementTotal::id);
        if (found == totals.statements.end()) {
          totals.statements.push_back(
              {.id = id, .text = std::string(text_of(row[1])), .time_ms = {}, .blocks = 0, .rows = 0});
          found = totals.statements.end() - 1;
        }
        found->time_ms.merge(
            tuner::Moments::of_population(row[2].as<double>(), row[3].as<double>(), row[4].as<double>()));
        found->blocks += row[5].as<double>();
        found->rows += row[6].as<double>();
      }
    }
    for (auto const &row : session.run(kTables)) {
      totals.tables.push_back({.name = std::string(text_of(row[0])),
                               .rows = row[1].as<double>(),
                               .inserted = row[2].as<double>(),
                               .updated = row[3].as<double>(),
                               .updated_hot = row[4].as<double>(),
                               .deleted = row[5].as<double>(),
                               .indexes = row[8].as<double>(),
                               .changed_since_analyze = row[6].as<double>(),
                               .analyzed = row[7].as<bool>()});
    }
    return totals;
  });
}

std::vector<tuner::SampledStatement> PostgresDatabase::sampled() { return inside_->samples.statements(); }

Result<tuner::StatementPlan> PostgresDatabase::explain(tuner::SampledStatement const &statement,
                                                       IndexSpec const *assumed) {
  if (assumed != nullptr && !assumed->valid()) return fail(Errc::invalid, "it is no index that can be assumed");
  if (statement.binds.empty()) return fail(Errc::invalid, "there are no values to ask with");
  return inside_->ask(kAsk, [&](Connection &session) -> Result<tuner::StatementPlan> {
    if (!session.run(kAskerExists)[0][0].as<bool>()) session.run_sql(kMakeAsker);
    if (session.run(kPrepared)[0][0].as<bool>()) session.run_sql("deallocate tf_explained");
    session.run_sql("prepare tf_explained as " + statement.sql);
    double bytes = 0;
    if (assumed != nullptr) {
      session.run(kForgetAssumed);
      bytes = session.run(kAssume, {definition(*assumed)})[0][0].as<double>();
    }
    tuner::StatementPlan sum;
    auto const count = std::min(statement.binds.size(), kBindsAsked);
    for (std::size_t i = 0; i < count; ++i) {
      auto plan = read_plan(text_of(session.run(kAsk, {execution(statement.binds[i])})[0][0]));
      if (!plan) return plan;
      plan->cost = sum.cost + plan->cost / static_cast<double>(count);
      if (i > 0) plan->scans = std::move(sum.scans);
      sum = std::move(*plan);
    }
    if (assumed != nullptr) session.run(kForgetAssumed);
    sum.index_bytes = bytes;
    return sum;
  });
}

Result<bool> PostgresDatabase::lead() {
  return inside_->ask(kLead, [](Connection &session) -> Result<bool> { return session.run(kLead)[0][0].as<bool>(); });
}

Result<std::vector<tuner::AutoIndex>> PostgresDatabase::auto_indexes() {
  return inside_->ask(kAutoIndexes, [](Connection &session) -> Result<std::vector<tuner::AutoIndex>> {
    std::vector<tuner::AutoIndex> found;
    for (auto const &row : session.run(kAutoIndexes)) {
      tuner::AutoIndex index{.spec = {.table = std::string(text_of(row[1])), .columns = {}},
                             .name = std::string(text_of(row[0])),
                             .valid = row[2].as<bool>(),
                             .being_built = row[3].as<bool>(),
                             .kept = row[6].as<bool>(),
                             .bytes = row[4].as<double>()};
      // One on an expression has no columns, and is none of ours whatever its name.
      if (row[5].is_null()) continue;
      auto spec =
          IndexSpec::parse(std::string(IndexSpec::kKnobPrefix) + index.spec.table + '.' + std::string(text_of(row[5])));
      if (!spec || spec->name() != index.name) continue;
      index.spec = std::move(*spec);
      found.push_back(std::move(index));
    }
    return found;
  });
}

Result<tuner::BuildPremises> PostgresDatabase::premises() {
  return inside_->ask(kPremises, [](Connection &session) -> Result<tuner::BuildPremises> {
    auto const row = session.run(kPremises)[0];
    return tuner::BuildPremises{.database_bytes = row[0].as<double>(),
                                .oldest_transaction_s = row[1].as<double>(),
                                .builds_today = row[2].as<double>()};
  });
}

Result<void> PostgresDatabase::begin_build(IndexSpec const &spec) { return inside_->builder.begin(spec); }

Result<tuner::BuildState> PostgresDatabase::build_state() {
  using What = tuner::BuildState::What;
  auto const state = inside_->builder.state();
  switch (state.phase) {
    case IndexBuilder::Phase::none: return tuner::BuildState{What::none, 0};
    case IndexBuilder::Phase::failed: {
      if (auto dropped = drop_leftovers(); !dropped) return std::unexpected(dropped.error());
      return tuner::BuildState{What::failed, 0};
    }
    case IndexBuilder::Phase::under_way:
    case IndexBuilder::Phase::built: break;
  }
  tuner::BuildState told{state.phase == IndexBuilder::Phase::built ? What::built : What::under_way, 0};
  auto const indexes = auto_indexes();
  if (!indexes) return std::unexpected(indexes.error());
  auto const found = std::ranges::find(*indexes, state.name, &tuner::AutoIndex::name);
  if (found != indexes->end()) told.bytes = found->bytes;
  return told;
}

void PostgresDatabase::cancel_build() {
  auto const state = inside_->builder.state();
  if (state.backend == 0) return;
  // It may have ended meanwhile, and that is as good.
  (void)inside_->ask(kCancel, [&](Connection &session) -> Result<void> {
    session.run(kCancel, {std::to_string(state.backend)});
    return {};
  });
}

Result<void> PostgresDatabase::drop(std::string_view name) {
  if (!name.starts_with(IndexSpec::kNamePrefix) || !IndexSpec::is_name(name)) {
    return fail(Errc::forbidden, "an index that is not the tuner's is not dropped");
  }
  auto const state = inside_->builder.state();
  if (state.phase == IndexBuilder::Phase::under_way && state.name == name) {
    cancel_build();
    return fail(Errc::unavailable, "the index is being built, and its build is being stopped");
  }
  std::string const text(name);
  return inside_->ask(kExists, [&](Connection &session) -> Result<void> {
    if (!session.run(kStopBuild, {text}).empty()) {
      return fail(Errc::unavailable, "the index is being built, and its build is being stopped");
    }
    if (!session.run(kExists, {text})[0][0].as<bool>()) return {};
    session.run_sql("drop index concurrently if exists \"" + text + '"');
    log::info("the tuner dropped an index of its own", {{"name", text}});
    return {};
  });
}

Result<int> PostgresDatabase::drop_leftovers() {
  auto const state = inside_->builder.state();
  auto const stopped = inside_->ask(kStopOrphans, [&](Connection &session) -> Result<bool> {
    return !session.run(kStopOrphans, {std::to_string(state.backend)}).empty();
  });
  if (!stopped) return std::unexpected(stopped.error());
  if (*stopped) return fail(Errc::unavailable, "the build of a process that is gone is being stopped");
  auto const indexes = auto_indexes();
  if (!indexes) return std::unexpected(indexes.error());
  int dropped = 0;
  for (tuner::AutoIndex const &index : *indexes) {
    bool const ours = state.phase == IndexBuilder::Phase::under_way && index.name == state.name;
    if (index.valid || index.being_built || ours) continue;
    if (auto done = drop(index.name); !done) return std::unexpected(done.error());
    ++dropped;
  }
  return dropped;
}

Result<std::vector<tuner::Quarantine>> PostgresDatabase::quarantined() {
  return inside_->ask(kQuarantined, [](Connection &session) -> Result<std::vector<tuner::Quarantine>> {
    std::vector<tuner::Quarantine> all;
    for (auto const &row : session.run(kQuarantined)) {
      all.push_back({.knob = std::string(text_of(row[0])),
                     .until = time_of(row[1]),
                     .days = row[2].as<int>(),
                     .reason = std::string(text_of(row[3]))});
    }
    return all;
  });
}

Result<void> PostgresDatabase::quarantine(tuner::Quarantine const &quarantine) {
  return inside_->ask(kQuarantine, [&](Connection &session) -> Result<void> {
    session.run(kQuarantine,
                {quarantine.knob, to_rfc3339(quarantine.until), std::to_string(quarantine.days), quarantine.reason});
    return {};
  });
}

}  // namespace tableforge::storage
