#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tableforge/base/result.hpp"

namespace tableforge::runtime {

namespace asio = boost::asio;

/// Waits on the caller's executor. Throws operation_aborted when the task is cancelled, which is how a loop ends.
[[nodiscard]] asio::awaitable<void> sleep_for(std::chrono::steady_clock::duration duration);

namespace detail {

template <class T>
struct DeadlineResult {
  using Type = Result<T>;
};
template <class T>
struct DeadlineResult<Result<T>> {
  using Type = Result<T>;
};

template <class T>
struct IsResult : std::false_type {};
template <class T>
struct IsResult<Result<T>> : std::true_type {};

/// What co_spawn delivers must be default constructible; a Result<T> of any T is not, so it travels in this.
template <class T>
asio::awaitable<std::optional<T>> boxed(asio::awaitable<T> operation) {
  co_return std::optional<T>(co_await std::move(operation));
}

}  // namespace detail

/// `operation` with a limit: its value, or Errc::timeout. A Result is passed through, not nested.
///
/// At the limit the operation is cancelled and waited for, so nothing it refers to is used after this returns; that is
/// sound only for operations that end when cancelled, which all of Asio's and ours do. One that finished all the
/// same while it was being cancelled keeps its value.
///
/// Threads: the caller's executor.
/// Errors:  Errc::timeout; what the operation throws, and the caller's own cancellation, are thrown on.
template <class T>
[[nodiscard]] asio::awaitable<typename detail::DeadlineResult<T>::Type> with_deadline(
    asio::awaitable<T> operation, std::chrono::steady_clock::duration limit) {
  auto const executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, limit);
  if constexpr (std::is_void_v<T>) {
    auto [order, failure, timer_code] =
        co_await asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(operation), asio::deferred),
                                                         timer.async_wait(asio::deferred))
            .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (!failure) co_return Result<void>{};
    if (order[0] == 1 && !timer_code) co_return fail(Errc::timeout, "the deadline passed");
    std::rethrow_exception(failure);
  } else {
    auto [order, failure, value, timer_code] =
        co_await asio::experimental::make_parallel_group(
            asio::co_spawn(executor, detail::boxed(std::move(operation)), asio::deferred),
            timer.async_wait(asio::deferred))
            .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (!failure) co_return std::move(*value);
    if (order[0] == 1 && !timer_code) co_return fail(Errc::timeout, "the deadline passed");
    std::rethrow_exception(failure);
  }
}

}  // namespace tableforge::runtime
