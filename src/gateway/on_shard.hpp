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

/// Where the two sides of on_shard() meet; touched on the caller's thread only.
template <class T>
struct ShardCall {
  explicit ShardCall(asio::any_io_executor const &executor) : timer(executor) {}
  asio::steady_timer timer;
  std::optional<Served<T>> result;
};

/// Runs `task` on a shard, which may be the caller's own, and brings its result here by value.
///
/// Two frames of two threads never hold each other: the task reports to a timer, so either side may be given up, or
/// destroyed with its shard, by itself. A task that is late goes on, and its result is dropped.
///
/// Threads: any shard.
/// Errors:  those of the task; storage_unavailable at the limit, and for a caller that is cancelled.
template <class T>
asio::awaitable<Served<T>> on_shard(runtime::Shard &shard, std::function<asio::awaitable<Served<T>>()> task,
                                    std::chrono::steady_clock::duration limit) {
  auto call = std::make_shared<ShardCall<T>>(co_await asio::this_coro::executor);
  call->timer.expires_after(limit);
  auto report = [call](std::exception_ptr failure, std::optional<Served<T>> result) mutable {
    if (failure) {
      log::error("a task on another shard threw");
      result.emplace(std::unexpected(refusal_of({Errc::unavailable, "a task on another shard threw"})));
    }
    auto const executor = call->timer.get_executor();
    asio::post(executor, [call = std::move(call), result = std::move(result)]() mutable {
      call->result = std::move(result);
      call->timer.cancel();
    });
  };
  // The task lives as long as its frame: a lambda's coroutine refers to the lambda.
  auto keep = [](std::function<asio::awaitable<Served<T>>()> make) -> asio::awaitable<std::optional<Served<T>>> {
    co_return std::optional<Served<T>>(co_await make());
  };
  asio::co_spawn(shard.executor(), keep(std::move(task)), std::move(report));
  auto [code] = co_await call->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (call->result) co_return std::move(*call->result);
  bool const expired = !code;
  co_return std::unexpected(refusal_of({expired ? Errc::timeout : Errc::cancelled, "the task did not end in time"}));
}

}  // namespace tableforge::gateway
