#include "tableforge/runtime/scope.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <list>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "tableforge/base/check.hpp"
#include "tableforge/log/log.hpp"

namespace tableforge::runtime {

namespace {

struct Task {
  explicit Task(std::string_view task_name) : name(task_name) {}

  std::string_view name;
  asio::cancellation_signal cancel;
  bool started = false;
};

using Tasks = std::list<Task>;

bool is_cancellation(std::exception_ptr const &failure) {
  try {
    std::rethrow_exception(failure);
  } catch (boost::system::system_error const &error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

struct Scope::State {
  explicit State(Shard &its_shard) : shard(its_shard) {}

  void ended(Tasks::iterator task, std::exception_ptr const &failure);
  void cancel();

  Shard &shard;
  Tasks tasks;
  std::vector<asio::steady_timer *> waiting;  ///< One for each close() in progress.
  bool closed = false;
};

namespace {

void log_failure(std::string_view name, std::exception_ptr const &failure) {
  try {
    std::rethrow_exception(failure);
  } catch (std::exception const &error) {
    log::error("a task failed", {{"task", name}, {"what", error.what()}});
  } catch (...) {
    log::error("a task failed", {{"task", name}, {"what", "not a std::exception"}});
  }
}

}  // namespace

void Scope::State::ended(Tasks::iterator task, std::exception_ptr const &failure) {
  if (failure && !(closed && is_cancellation(failure))) {
    log_failure(task->name, failure);
    shard.metrics().tasks_failed.add();
  }
  tasks.erase(task);
  if (tasks.empty()) {
    for (asio::steady_timer *timer : waiting) timer->cancel();
  }
}

void Scope::State::cancel() {
  closed = true;
  for (auto task = tasks.begin(); task != tasks.end();) {
    // A signal's receiver may end the task, and with it the list's node.
    auto const current = task++;
    // Asio 1.81 cannot cancel what has not begun; such a task sees `closed` instead and never begins.
    if (current->started) current->cancel.emit(asio::cancellation_type::terminal);
  }
}

Scope::Scope(Shard &shard) : state_(std::make_shared<State>(shard)) {}

Scope::~Scope() { TF_CHECK(state_->tasks.empty() || state_->shard.stopped()); }

Shard &Scope::shard() const { return state_->shard; }
std::size_t Scope::size() const { return state_->tasks.size(); }
bool Scope::closed() const { return state_->closed; }

void Scope::cancel() {
  TF_CHECK(state_->shard.on_this_thread());
  state_->cancel();
}

asio::awaitable<void> Scope::close() { static_cast<void>(co_await close(std::chrono::steady_clock::duration::max())); }

asio::awaitable<Result<void>> Scope::close(std::chrono::steady_clock::duration limit) {
  // Closing is how tasks tidy up, often because they were cancelled themselves: then waiting must still work.
  bool const throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  auto const state = state_;
  TF_CHECK(state->shard.on_this_thread());
  state->cancel();
  asio::steady_timer timer(state->shard.executor());
  bool const limited = limit != std::chrono::steady_clock::duration::max();
  timer.expires_at(limited ? std::chrono::steady_clock::now() + limit : std::chrono::steady_clock::time_point::max());
  state->waiting.push_back(&timer);
  bool expired = false;
  while (!state->tasks.empty() && !expired) {
    // No slot, so that the waiting task's own cancellation does not reach the wait.
    auto const [code] = co_await timer.async_wait(
        asio::bind_cancellation_slot(asio::cancellation_slot(), asio::as_tuple(asio::use_awaitable)));
    expired = !code;
  }
  std::erase(state->waiting, &timer);
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (state->tasks.empty()) co_return Result<void>{};
  for (Task const &task : state->tasks) log::warn("a task outlives its scope's deadline", {{"task", task.name}});
  co_return fail(Errc::timeout, "tasks did not end in time");
}

namespace {

/// A completion handler that has a cancellation slot and no executor of its own: then Asio cancels the task directly
/// rather than through another posted handler, which the task may not live to see.
template <class State>
struct Done {
  using cancellation_slot_type = asio::cancellation_slot;
  [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept { return slot; }
  void operator()(std::exception_ptr failure) { state->ended(task, failure); }

  std::shared_ptr<State> state;
  Tasks::iterator task;
  asio::cancellation_slot slot;
};

template <class State>
asio::awaitable<void> run_task(std::shared_ptr<State> state, Tasks::iterator task, asio::awaitable<void> body) {
  // Never inside the caller's handler: whoever spawns has not finished what it is doing.
  co_await asio::post(asio::use_awaitable);
  task->started = true;
  if (state->closed) co_return;
  co_await std::move(body);
}

}  // namespace

void spawn(Scope &scope, std::string_view name, asio::awaitable<void> task) {
  auto const &state = scope.state_;
  TF_CHECK(state->shard.on_this_thread());
  if (state->closed) return;
  auto const entry = state->tasks.emplace(state->tasks.end(), name);
  asio::co_spawn(state->shard.executor(), run_task(state, entry, std::move(task)),
                 Done<Scope::State>{state, entry, entry->cancel.slot()});
}

}  // namespace tableforge::runtime
