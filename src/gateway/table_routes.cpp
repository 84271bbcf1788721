#include <cstddef>

#include "tableforge/host/history_page.hpp"

#include "gateway/api.hpp"
#include "gateway/request_body.hpp"

namespace tableforge::gateway {

namespace {

/// As many as a table can take; the lobby would allow more.
constexpr std::int64_t kUsesMax = table::kPlayersMax;
static_assert(kUsesMax <= lobby::kUsesMax);
constexpr Bound kExpiryBound{.min = lobby::kInvitationLifetimeMin.count(),
                             .max = lobby::kInvitationLifetimeMax.count()};
constexpr std::int64_t kEventsMax = lobby::kHistoryMax;

struct InvitationNew {
  table::Role role = table::Role::player;
  std::int64_t uses = 1;
  std::int64_t expires_in = 0;
  static constexpr auto fields() {
    return std::tuple{field("role", &InvitationNew::role),
                      field("uses", &InvitationNew::uses, {.min = 1, .max = kUsesMax}),
                      field("expires_in", &InvitationNew::expires_in, kExpiryBound)};
  }
};

struct NoFields {
  static constexpr auto fields() { return std::tuple{}; }
};

/// The same for a table that does not exist and for one that the bearer may not see.
Refusal no_such_table() { return {.code = protocol::ErrorCode::not_found, .message = "there is no such table"}; }

Served<TableId> table_of(Router::Parameters const &parameters) {
  auto const uuid = Uuid::parse(parameters.at("table_id"));
  if (!uuid) return std::unexpected(no_such_table());
  return TableId(*uuid);
}

/// The open table, on its own shard.
asio::awaitable<Served<std::shared_ptr<host::TableHost>>> opened(Api api, TableId id) {
  auto host = co_await api->tables_of(id).open(id);
  if (host) co_return std::move(*host);
  if (host.error().code == Errc::not_found) co_return std::unexpected(no_such_table());
  co_return std::unexpected(refusal_of(host.error()));
}

/// What a bearer needs to know of a table to ask for more; from its committed state.
struct Standing {
  std::optional<table::Role> role;
  Seq head = 0;
};

asio::awaitable<Served<Standing>> standing(Api api, TableId id, PlayerId bearer) {
  auto const host = co_await opened(api, id);
  if (!host) co_return std::unexpected(host.error());
  if (!(*host)->may_read(bearer)) co_return std::unexpected(no_such_table());
  auto const &state = (*host)->committed();
  co_return Standing{.role = state.role_of(bearer), .head = state.seq};
}

asio::awaitable<Served<Standing>> standing_of(Api api, TableId id, PlayerId bearer) {
  return on_shard<Standing>(api->shards.of(id), [api, id, bearer] { return standing(api, id, bearer); }, kTableLimit);
}

asio::awaitable<Served<std::string>> state_for(Api api, TableId id, PlayerId bearer) {
  auto const host = co_await opened(api, id);
  if (!host) co_return std::unexpected(host.error());
  auto state = (*host)->read(bearer);
  if (state) co_return std::move(*state);
  if (state.error().code == Errc::forbidden) co_return std::unexpected(no_such_table());
  co_return std::unexpected(refusal_of(state.error()));
}

/// On the table's shard: a member from the commit on. Returns the role held then, which an invitation never lowers.
asio::awaitable<Served<table::Role>> enrolled(Api api, TableId id, Identity player, table::Role role) {
  auto const host = co_await opened(api, id);
  if (!host) co_return std::unexpected(host.error());
  struct Enrolment {
    explicit Enrolment(asio::any_io_executor const &executor) : timer(executor, kTableLimit) {}
    asio::steady_timer timer;
    std::optional<Result<void>> outcome;
  };
  auto const enrolment = std::make_shared<Enrolment>(co_await asio::this_coro::executor);
  (*host)->enrol(player.player, player.name, role, [enrolment](Result<void> outcome) {
    enrolment->outcome = outcome;
    enrolment->timer.cancel();
  });
  if (!enrolment->outcome) co_await enrolment->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!enrolment->outcome) co_return std::unexpected(refusal_of({Errc::timeout, "the enrolment was not committed"}));
  if (!*enrolment->outcome) co_return std::unexpected(refusal_of(enrolment->outcome->error()));
  co_return (*host)->committed().role_of(player.player).value_or(role);
}

}  // namespace

Handling read_table(Api api, HttpRequest request, Router::Parameters parameters) {
  auto const bearer = bearer_of(*api, request);
  if (!bearer) co_return answer(bearer.error());
  if (auto const stray = only_parameters(request, {})) co_return answer(*stray);
  auto const id = table_of(parameters);
  if (!id) co_return answer(id.error());
  auto state = co_await on_shard<std::string>(
      api->shards.of(*id), [api, id = *id, bearer = bearer->player] { return state_for(api, id, bearer); },
      kTableLimit);
  if (!state) co_return answer(state.error());
  co_return json_response(200, std::move(*state));
}

Handling read_history(Api api, HttpRequest request, Router::Parameters parameters) {
  auto const bearer = bearer_of(*api, request);
  if (!bearer) co_return answer(bearer.error());
  if (auto const stray = only_parameters(request, {"from", "limit"})) co_return answer(*stray);
  auto const from = integer_parameter(request, "from", 1, 1, table::kIntegerMax);
  if (!from) co_return answer(from.error());
  auto const limit = integer_parameter(request, "limit", kEventsMax, 1, kEventsMax);
  if (!limit) co_return answer(limit.error());
  auto const id = table_of(parameters);
  if (!id) co_return answer(id.error());
  auto const known = co_await standing_of(api, *id, bearer->player);
  if (!known) co_return answer(known.error());

  lobby::EventRange const range{
      .table = *id, .from = static_cast<Seq>(*from), .limit = static_cast<std::size_t>(*limit), .head = known->head};
  lobby::EventsRender const render = [bearer = bearer->player, head = known->head](auto events) {
    return host::history_page(events, bearer, head);
  };
  auto page = co_await api->reads.history(range, render);
  if (!page) co_return answer(refusal_of(page.error()));
  co_return json_response(200, std::move(*page));
}

Handling invite(Api api, HttpRequest request, Router::Parameters parameters) {
  auto const bearer = bearer_of(*api, request);
  if (!bearer) co_return answer(bearer.error());
  auto const body = read_body<InvitationNew>(request.body);
  if (!body) co_return answer(body.error());
  if (body->role == table::Role::owner) {
    co_return answer({.message = "expected one of spectator, player, gm", .path = "role"});
  }
  auto const id = table_of(parameters);
  if (!id) co_return answer(id.error());
  auto const known = co_await standing_of(api, *id, bearer->player);
  if (!known) co_return answer(known.error());
  if (known->role != table::Role::owner && known->role != table::Role::gm) {
    co_return answer(
        {.code = protocol::ErrorCode::forbidden, .message = "only the owner and the gm of a table invite to it"});
  }

  lobby::Lobby::NewInvitation const wanted{
      .table = *id, .role = body->role, .uses = body->uses, .expires_in = std::chrono::seconds(body->expires_in)};
  auto const invitation = co_await ask(api, [api, wanted] { return api->lobby.invite(wanted, wall_clock_now()); });
  if (!invitation) co_return answer(invitation.error());

  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("code");
  writer.string(invitation->code);
  writer.key("url");
  writer.string("/v1/invitations/" + invitation->code);
  writer.end_object();
  co_return json_response(201, std::move(out));
}

Handling accept_invitation(Api api, HttpRequest request, Router::Parameters parameters) {
  auto const bearer = bearer_of(*api, request);
  if (!bearer) co_return answer(bearer.error());
  if (auto const body = read_body<NoFields>(request.body); !body) co_return answer(body.error());
  Refusal const no_such_code{.code = protocol::ErrorCode::not_found,
                             .message = "there is no such invitation, or it has expired"};
  auto const redeem = [api, code = parameters.at("code"), id = bearer->player] {
    return api->lobby.redeem(code, id, wall_clock_now());
  };
  auto const invitation = co_await ask(api, redeem);
  if (!invitation) {
    bool const unknown = invitation.error().code == protocol::ErrorCode::not_found;
    co_return answer(unknown ? no_such_code : invitation.error());
  }
  // The use is taken before the enrolment: if that fails, accepting again takes no other one.
  auto const role = co_await on_shard<table::Role>(
      api->shards.of(invitation->table),
      [api, table = invitation->table, player = *bearer, role = invitation->role] {
        return enrolled(api, table, player, role);
      },
      kTableLimit);
  if (!role) co_return answer(role.error());
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("table");
  writer.string(invitation->table.value.text());
  writer.key("role");
  writer.string(word(*role));
  writer.end_object();
  co_return json_response(200, std::move(out));
}

}  // namespace tableforge::gateway
