#include "storage/index_builder.hpp"

#include <utility>

#include "tableforge/log/log.hpp"

#include "storage/connection.hpp"
#include "storage/failure.hpp"

namespace tableforge::storage {

namespace {

constexpr Statement kBuilderPid{"index_builder_pid", "select pg_backend_pid()"};

std::string column_list(tuner::IndexSpec const &spec) {
  std::string text;
  for (std::string const &column : spec.columns) text += (text.empty() ? "\"" : ", \"") + column + '"';
  return text;
}

}  // namespace

IndexBuilder::~IndexBuilder() { watchdog_.cut_all(); }

Result<void> IndexBuilder::begin(tuner::IndexSpec const &spec) {
  if (!spec.valid()) return fail(Errc::invalid, "it is no index that can be built");
  if (state().phase == Phase::under_way) return fail(Errc::conflict, "another index is being built");
  if (thread_.joinable()) thread_.join();
  state_.with([&](State &state) { state = {Phase::under_way, spec.name(), 0}; });
  thread_ = std::jthread([this, spec] { build(spec); });
  return {};
}

void IndexBuilder::build(tuner::IndexSpec const &spec) {
  auto const begun = std::chrono::steady_clock::now();
  auto phase = Phase::failed;
  try {
    Connection session(options_.conninfo, options_.build_timeout, watchdog_);
    int const backend = session.run(kBuilderPid)[0][0].as<int>();
    state_.with([&](State &state) { state.backend = backend; });
    // The second, so that a build ends on the server soon after whoever asked for it has died.
    session.run_sql("set lock_timeout = " + std::to_string(options_.lock_timeout.count()) +
                    "; set client_connection_check_interval = 2000");
    // The verdict on the plan, and the planner's own, rest on these.
    session.run_sql("analyze \"" + spec.table + '"');
    // Never "if not exists": that is content with an invalid index of this name.
    session.run_sql("create index concurrently \"" + spec.name() + "\" on \"" + spec.table + "\" (" +
                    column_list(spec) + ')');
    phase = Phase::built;
    log::info(
        "the tuner built an index",
        {{"index", spec.knob()}, {"name", spec.name()}, {"took_seconds", std::chrono::steady_clock::now() - begun}});
  } catch (...) {
    Failure const failure = current_failure();
    log::warn(
        "an index could not be built",
        {{"index", spec.knob()}, {"name", spec.name()}, {"sqlstate", failure.sqlstate}, {"why", failure.error()}});
  }
  state_.with([&](State &state) {
    state.phase = phase;
    state.backend = 0;
  });
}

}  // namespace tableforge::storage
