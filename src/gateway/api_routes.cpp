#include "gateway/api_routes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "gateway/api.hpp"
#include "gateway/request_body.hpp"

namespace tableforge::gateway {

namespace {

constexpr std::int64_t kPageInitial = 50;
constexpr std::int64_t kTablesMax = lobby::kPageMax;
static_assert(kPageInitial <= kTablesMax);

struct PlayerNew {
  std::string name;
  static constexpr auto fields() { return std::tuple{field("name", &PlayerNew::name, table::kIdBound)}; }
};

struct TableNew {
  std::string name;
  SystemId system;
  table::Listing visibility = table::Listing::open;
  std::optional<std::int64_t> seats;
  static constexpr auto fields() {
    return std::tuple{field("name", &TableNew::name, table::kIdBound),
                      field("system", &TableNew::system, table::kIdBound), field("visibility", &TableNew::visibility),
                      field("seats", &TableNew::seats, {.min = 1, .max = table::kSeatsMax})};
  }
};

void write_entry(JsonWriter &writer, lobby::TableRecord const &table) {
  writer.begin_object();
  writer.key("id");
  writer.string(table.id.value.text());
  writer.key("name");
  writer.string(table.name);
  writer.key("system");
  writer.string(table.system.value);
  writer.key("visibility");
  writer.string(word(table.listing));
  writer.key("owner");
  writer.string(table.owner.value.text());
  writer.key("created_at");
  writer.string(to_rfc3339(table.created_at));
  writer.end_object();
}

Handling create_player(Api api, HttpRequest request, Router::Parameters) {
  auto body = read_body<PlayerNew>(request.body);
  if (!body) co_return answer(body.error());
  auto const made = co_await ask(
      api, [api, name = std::move(body->name)] { return api->lobby.create_player(name, wall_clock_now()); });
  if (!made) co_return answer(made.error());

  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("player");
  writer.begin_object();
  writer.key("id");
  writer.string(made->player.id.value.text());
  writer.key("name");
  writer.string(made->player.name);
  writer.end_object();
  writer.key("token");
  writer.string(made->token.text);
  writer.key("expires_at");
  writer.string(to_rfc3339(made->token.expires_at));
  writer.end_object();
  co_return json_response(201, std::move(out));
}

/// On the table's own shard: the first event, drawn from that shard's chance, and its commit. Returns its time.
asio::awaitable<Served<Time>> found(Api api, table::GameSystem const &system, table::Founding founding) {
  auto &tables = api->tables_of(founding.id);
  auto event = table::found_table(system, founding, wall_clock_now(), tables.chance());
  if (!event) {
    co_return std::unexpected(Refusal{
        .code = protocol::code_of(event.error().why), .message = std::string(event.error().text), .path = "seats"});
  }
  auto const at = event->at;
  auto const founded = co_await tables.found(std::move(*event));
  if (!founded) co_return std::unexpected(refusal_of(founded.error()));
  co_return at;
}

Handling create_table(Api api, HttpRequest request, Router::Parameters) {
  auto const bearer = bearer_of(*api, request);
  if (!bearer) co_return answer(bearer.error());
  auto const body = read_body<TableNew>(request.body);
  if (!body) co_return answer(body.error());
  auto const system = std::ranges::find(api->systems, body->system, &table::GameSystem::id);
  if (system == api->systems.end()) {
    co_return answer({.code = protocol::ErrorCode::not_found, .message = "there is no such system", .path = "system"});
  }

  lobby::TableRecord record{.id = TableId(Uuid::random()),
                            .name = body->name,
                            .system = system->id,
                            .listing = body->visibility,
                            .owner = bearer->player,
                            .created_at = {}};
  table::Founding const founding{.id = record.id,
                                 .name = record.name,
                                 .listing = record.listing,
                                 .seats = body->seats,
                                 .owner = bearer->player,
                                 .owner_name = bearer->name};
  auto const created_at = co_await on_shard<Time>(
      api->shards.of(record.id), [api, founding, &system = *system] { return found(api, system, founding); },
      kTableLimit);
  if (!created_at) co_return answer(created_at.error());
  record.created_at = *created_at;
  // After the table, because a listed table that does not exist would be worse than one that is not listed.
  auto const listed = co_await ask(api, [api, record] { return api->lobby.register_table(record); });
  if (!listed) {
    log::warn("a table was founded but could not be listed", {{"table", record.id}});
    co_return answer(listed.error());
  }
  if (record.listing == table::Listing::open) co_await api->reads.tables_changed(*listed);
  std::string out;
  JsonWriter writer(out);
  write_entry(writer, record);
  auto response = json_response(201, std::move(out));
  response.headers.emplace_back("Location", "/v1/tables/" + record.id.value.text());
  co_return response;
}

Handling list_tables(Api api, HttpRequest request, Router::Parameters) {
  if (auto const stray = only_parameters(request, {"after", "limit"})) co_return answer(*stray);
  auto const limit = integer_parameter(request, "limit", kPageInitial, 1, kTablesMax);
  if (!limit) co_return answer(limit.error());
  std::optional<TableId> after;
  if (auto const found = request.query.find("after"); found != request.query.end()) {
    auto const uuid = Uuid::parse(found->second);
    if (!uuid) co_return answer({.message = "expected an id: a UUID in lower case", .path = "after"});
    after = TableId(*uuid);
  }
  auto const chunk = co_await api->reads.tables(after);
  if (!chunk) co_return answer(refusal_of(chunk.error()));
  // The page is the beginning of what was read, and whether there is a next one is whether that goes on.
  auto const &tables = **chunk;
  auto const count = std::min(static_cast<std::size_t>(*limit), tables.size());

  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("tables");
  writer.begin_array();
  for (auto const &table : std::span(tables).first(count)) write_entry(writer, table);
  writer.end_array();
  writer.key("next");
  count < tables.size() ? writer.string(tables[count - 1].id.value.text()) : writer.null();
  writer.end_object();
  co_return json_response(200, std::move(out));
}

void write_system(JsonWriter &writer, table::GameSystem const &system) {
  auto range = system.seat_range.value_or(table::SeatRange{});
  if (system.seats) {
    auto const count = static_cast<std::int64_t>(system.seats->size());
    range = {.min = count, .max = count, .initial = count};
  }
  writer.begin_object();
  writer.key("id");
  writer.string(system.id.value);
  writer.key("version");
  writer.number(system.version);
  writer.key("name");
  writer.string(system.name);
  writer.key("description");
  writer.string(system.description);
  writer.key("seats");
  writer.begin_object();
  writer.key("min");
  writer.number(range.min);
  writer.key("max");
  writer.number(range.max);
  writer.key("default");
  writer.number(range.initial);
  writer.end_object();
  writer.end_object();
}

Handling list_systems(Api api, HttpRequest request, Router::Parameters) {
  if (auto const stray = only_parameters(request, {})) co_return answer(*stray);
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("systems");
  writer.begin_array();
  for (auto const &system : api->systems) write_system(writer, system);
  writer.end_array();
  writer.end_object();
  co_return json_response(200, std::move(out));
}

struct ApiRoute {
  std::string_view method;
  std::string_view pattern;
  Handling (*handle)(Api, HttpRequest, Router::Parameters);
};

constexpr std::array kRoutes{
    ApiRoute{"POST", "/v1/players", create_player},
    ApiRoute{"POST", "/v1/tables", create_table},
    ApiRoute{"GET", "/v1/tables", list_tables},
    ApiRoute{"GET", "/v1/tables/{table_id}", read_table},
    ApiRoute{"GET", "/v1/tables/{table_id}/history", read_history},
    ApiRoute{"POST", "/v1/tables/{table_id}/invitations", invite},
    ApiRoute{"POST", "/v1/invitations/{code}", accept_invitation},
    ApiRoute{"GET", "/v1/systems", list_systems},
};

}  // namespace

Served<Identity> bearer_of(ApiParts const &api, HttpRequest const &request) {
  constexpr std::string_view kScheme = "bearer ";
  std::string_view const header = request.authorization;
  // The scheme is case-insensitive (RFC 9110, 11.1).
  bool const bearer = header.size() > kScheme.size() &&
                      std::ranges::equal(header.substr(0, kScheme.size()), kScheme, [](char given, char wanted) {
                        return (given >= 'A' && given <= 'Z' ? given - 'A' + 'a' : given) == wanted;
                      });
  if (!bearer) {
    return std::unexpected(Refusal{.code = protocol::ErrorCode::unauthorized, .message = "a bearer token is needed"});
  }
  auto token = header.substr(kScheme.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  auto identity = api.verify(token);
  if (!identity) {
    return std::unexpected(
        Refusal{.code = protocol::ErrorCode::unauthorized, .message = "the token is not valid, or has expired"});
  }
  return std::move(*identity);
}

Served<std::int64_t> integer_parameter(HttpRequest const &request, std::string_view name, std::int64_t absent,
                                       std::int64_t min, std::int64_t max) {
  auto const found = request.query.find(name);
  if (found == request.query.end()) return absent;
  std::string_view const text = found->second;
  std::int64_t value = 0;
  auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || value < min || value > max) {
    return std::unexpected(
        Refusal{.message = "expected an integer from " + std::to_string(min) + " to " + std::to_string(max),
                .path = std::string(name)});
  }
  return value;
}

std::optional<Refusal> only_parameters(HttpRequest const &request, std::initializer_list<std::string_view> names) {
  for (auto const &[name, value] : request.query) {
    if (std::ranges::find(names, name) == names.end()) {
      return Refusal{.message = "there is no such parameter", .path = name};
    }
  }
  return std::nullopt;
}

HttpResponse json_response(unsigned status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

std::vector<std::string_view> api_patterns() {
  std::vector<std::string_view> patterns;
  for (auto const &route : kRoutes) {
    if (std::ranges::find(patterns, route.pattern) == patterns.end()) patterns.push_back(route.pattern);
  }
  return patterns;
}

void add_api_routes(Router &router, ApiParts parts) {
  Api const api = std::make_shared<ApiParts const>(std::move(parts));
  for (auto const &route : kRoutes) {
    router.add(route.method, route.pattern,
               [api, handle = route.handle](HttpRequest request, Router::Parameters parameters) {
                 return handle(api, std::move(request), std::move(parameters));
               });
  }
}

}  // namespace tableforge::gateway
