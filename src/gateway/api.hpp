#pragma once

#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tableforge/base/json_writer.hpp"

#include "gateway/api_routes.hpp"
#include "gateway/on_shard.hpp"
#include "gateway/refusal.hpp"

/// What the handlers of api_routes.cpp and table_routes.cpp share.
namespace tableforge::gateway {

/// For a question to the database, and for what a table may take to load and commit.
inline constexpr std::chrono::seconds kStoreLimit{10};
inline constexpr std::chrono::seconds kTableLimit{20};

/// Handlers hold a share, because a coroutine may outlive the router's lambda that began it.
using Api = std::shared_ptr<ApiParts const>;

using Handling = asio::awaitable<HttpResponse>;

/// Whose token came with the request.
Served<Identity> bearer_of(ApiParts const &api, HttpRequest const &request);

/// An integer of the query.
Served<std::int64_t> integer_parameter(HttpRequest const &request, std::string_view name, std::int64_t absent,
                                       std::int64_t min, std::int64_t max);
/// Refuses parameters that the route does not have.
std::optional<Refusal> only_parameters(HttpRequest const &request, std::initializer_list<std::string_view> names);

/// A blocking call in the pool.
template <class F>
asio::awaitable<Served<typename std::invoke_result_t<F &>::value_type>> ask(Api api, F call) {
  auto result = co_await api->pool.run(std::move(call), kStoreLimit);
  if (!result) co_return std::unexpected(refusal_of(result.error()));
  if constexpr (std::is_void_v<typename std::invoke_result_t<F &>::value_type>) {
    co_return Served<void>();
  } else {
    co_return std::move(*result);
  }
}

HttpResponse json_response(unsigned status, std::string body);

/// The handlers of one table (table_routes.cpp).
Handling read_table(Api api, HttpRequest request, Router::Parameters parameters);
Handling read_history(Api api, HttpRequest request, Router::Parameters parameters);
Handling invite(Api api, HttpRequest request, Router::Parameters parameters);
Handling accept_invitation(Api api, HttpRequest request, Router::Parameters parameters);

}  // namespace tableforge::gateway
