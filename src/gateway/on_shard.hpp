#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/log/log.hpp"
#include "tableforge/runtime/shard.hpp"

#include "gateway/refusal.hpp"

namespace tableforge::gateway {

namespace asio = boost::asio;

/// Where the two sides of on_shard() meet; touched on the caller's thread only, but perhaps destroyed elsewhere. So the
/// timer, which must not outlive its shard, stays with the caller.
template <class T>
struct ShardCall {
  asio::steady_timer *timer = nullptr;  ///< None once nobody waits any more.
  std::optional<Served<T>> result;
};

/// Runs `task` on a shard, which may be the caller's own, and brings its result here by value.
///
/// Two frames of two threads never hold each other: either side may be given up, or destroyed with its shard, by
/// itself. A task that is late goes on, and its result is dropped.
///
/// Threads: any shard.
/// Errors:  those of the task; storage_unavailable at the limit, and for a caller that is cancelled.
template <class T>
asio::awaitable<Served<T>> on_shard(runtime::Shard &shard, std::function<asio::awaitable<Served<T>>()> task,
                                    std::chrono::steady_clock::duration limit) {
  auto const executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, limit);
  auto const call = std::make_shared<ShardCall<T>>(&timer);
  // Also when a cancellation throws out of the wait below.
  auto const forget = [](ShardCall<T> *given_up) { given_up->timer = nullptr; };
  std::unique_ptr<ShardCall<T>, decltype(forget)> const waiting(call.get(), forget);

  auto report = [executor, call](std::exception_ptr failure, std::optional<Served<T>> result) {
    if (failure) {
      log::error("a task on another shard threw");
      result.emplace(std::unexpected(refusal_of({Errc::unavailable, "a task on another shard threw"})));
    }
    asio::post(executor, [call, result = std::move(result)]() mutable {
      if (call->timer == nullptr) return;
      call->result = std::move(result);
      call->timer->cancel();
    });
  };
  // The function lives as long as the frame: coroutines of lambdas refer to their lambda.
  auto keep = [](std::function<asio::awaitable<Served<T>>()> make) -> asio::awaitable<std::optional<Served<T>>> {
    co_return std::optional<Served<T>>(co_await make());
  };
  asio::co_spawn(shard.executor(), keep(std::move(task)), std::move(report));
  auto [code] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (call->result) co_return std::move(*call->result);
  bool const expired = !code;
  co_return std::unexpected(refusal_of({expired ? Errc::timeout : Errc::cancelled, "the task did not end in time"}));
}

}  // namespace tableforge::gateway
