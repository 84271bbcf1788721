#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/runtime/shard.hpp"

namespace tableforge::runtime {

/// The tasks that something on one shard has started: it ends only after they have.
///
/// Cancelling ends a task at its next (or current) co_await, which throws operation_aborted; a task that was cancelled
/// and wants to await something while it tidies up must first reset its cancellation state.
///
/// Threads: the shard's only.
/// Owns:    the tasks' frames, until they end.
/// Errors:  a task that throws anything else than its own cancellation is logged with its name and counted; the others
/// go on.
class Scope {
 public:
  explicit Scope(Shard &shard);
  /// The scope is empty by then, or its shard has been stopped and will never resume its tasks.
  ~Scope();
  Scope(Scope const &) = delete;
  Scope &operator=(Scope const &) = delete;

  [[nodiscard]] Shard &shard() const;
  /// How many tasks have not ended.
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool closed() const;

  /// Asks all tasks to end, and takes no new ones.
  void cancel();
  /// cancel(), then waits until all have ended, whether or not the waiting task is cancelled meanwhile. One that was
  /// cancelled before awaits `asio::this_coro::reset_cancellation_state()` first: Asio lets it await nothing else.
  [[nodiscard]] asio::awaitable<void> close();
  /// The same with a limit. Errc::timeout if some have not ended by then; they are named in the log and still owned.
  [[nodiscard]] asio::awaitable<Result<void>> close(std::chrono::steady_clock::duration limit);

 private:
  friend void spawn(Scope &, std::string_view, asio::awaitable<void>);
  struct State;

  std::shared_ptr<State> state_;
};

/// Starts a task, in a later handler of the shard, never inside this call. `name` is a literal. A closed scope destroys
/// the task without starting it.
void spawn(Scope &scope, std::string_view name, asio::awaitable<void> task);

}  // namespace tableforge::runtime
