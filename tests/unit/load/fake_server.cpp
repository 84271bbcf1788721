#include "unit/load/fake_server.hpp"

#include <deque>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <boost/asio.hpp>
#include <boost/beast.hpp>

#include "tableforge/protocol/client_message.hpp"
#include "tableforge/protocol/encode.hpp"
#include "tableforge/table/decide.hpp"
#include "tableforge/table/project.hpp"
#include "tableforge/table/system.hpp"

#include "load/json.hpp"

namespace tableforge::load {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;
using table::Role;

class SeededChance final : public table::Chance {
 public:
  std::uint64_t bits() override { return random_(); }

 private:
  std::mt19937_64 random_{std::random_device{}()};
};

table::GameSystem read_system(std::string const &id) {
  std::ifstream file(std::string(TABLEFORGE_SOURCE_DIR) + "/deploy/systems/" + id + ".json");
  auto const json = Json::parse(file);
  table::GameSystem system;
  system.id = SystemId(id);
  if (json.contains("seats")) {
    auto &seats = system.seats.emplace();
    for (auto const &seat : json.at("seats"))
      seats.push_back({SeatId(seat.at("id").get<std::string>()), seat.at("name")});
  }
  for (auto const &zone : json.at("zones")) {
    auto &made = system.zones.emplace_back();
    made.id = zone.at("id");
    made.kind = *from_word<table::ZoneKind>(zone.at("kind").get<std::string>());
    made.visibility = *from_word<table::Visibility>(zone.at("visibility").get<std::string>());
    if (zone.contains("shuffled")) made.shuffled = zone.at("shuffled").get<bool>();
  }
  for (auto const &pieces : json.at("pieces")) {
    auto &made = system.pieces.emplace_back();
    made.zone = pieces.at("zone");
    made.kind = *from_word<table::PieceKind>(pieces.at("kind").get<std::string>());
    made.faces = pieces.at("faces").get<std::vector<std::string>>();
    made.back = pieces.at("back");
    made.side = from_word<table::Side>(pieces.at("side").get<std::string>());
    if (pieces.contains("x")) made.x = pieces.at("x").get<std::vector<double>>();
    if (pieces.contains("y")) made.y = pieces.at("y").get<std::vector<double>>();
  }
  for (auto const &counter : json.at("counters"))
    system.counters.push_back({counter.at("id"), counter.at("value"), {}});
  return system;
}

}  // namespace

struct FakeServer::World {
  struct Session;
  struct Person {
    PlayerId id;
    std::string name;
  };
  struct Table {
    table::State state;
    std::vector<table::Event> events;
    std::set<std::shared_ptr<Session>> sessions;
  };
  struct Invitation {
    std::string table;
    Role role;
  };

  /// One WebSocket, and what waits to be written to it.
  struct Session : std::enable_shared_from_this<Session> {
    explicit Session(tcp::socket socket) : stream(std::move(socket)) {
      stream.next_layer().set_option(tcp::no_delay(true));
    }

    void send(std::string text) {
      waiting.push_back(std::move(text));
      if (waiting.size() == 1) write();
    }
    void write() {
      stream.async_write(asio::buffer(waiting.front()),
                         [self = shared_from_this()](beast::error_code code, std::size_t) {
                           if (code) return;
                           self->waiting.pop_front();
                           if (!self->waiting.empty()) self->write();
                         });
    }

    beast::websocket::stream<tcp::socket> stream;
    std::deque<std::string> waiting;
    Person who;
    ClientId client;
  };

  explicit World(Fault wrong) : fault(wrong), acceptor(io, {asio::ip::address_v4::loopback(), 0}) {}

  asio::awaitable<void> accept() {
    for (;;) {
      auto [code, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      if (code) co_return;
      asio::co_spawn(io, serve(this, std::move(socket)), asio::detached);
    }
  }

  static asio::awaitable<void> serve(World *world, tcp::socket socket) {
    try {
      beast::flat_buffer buffer;
      http::request<http::string_body> request;
      co_await http::async_read(socket, buffer, request, asio::use_awaitable);
      if (beast::websocket::is_upgrade(request)) {
        co_await world->hold(std::make_shared<Session>(std::move(socket)), std::move(request));
        co_return;
      }
      http::response<http::string_body> response(http::status::ok, 11);
      try {
        response.body() = world->answer(request);
      } catch (std::exception const &error) {
        response.result(http::status::bad_request);
        response.body() = error.what();
      }
      response.keep_alive(false);
      response.prepare_payload();
      co_await http::async_write(socket, response, asio::use_awaitable);
    } catch (std::exception const &) {
      // The peer went away, which is what this server is for.
    }
  }

  // HTTP

  Person &person(http::request<http::string_body> const &request) {
    auto const bearer = std::string(request[http::field::authorization]);
    return people.at(bearer.substr(bearer.find(' ') + 1));
  }

  std::string answer(http::request<http::string_body> const &request) {
    std::string const target(request.target());
    auto const body = request.body().empty() ? Json() : Json::parse(request.body());
    if (target == "/v1/players") {
      auto const token = Uuid::random().text();
      Person const made{PlayerId(Uuid::random()), body.at("name")};
      people.emplace(token, made);
      return Json{{"player", {{"id", made.id.value.text()}, {"name", made.name}}}, {"token", token}}.dump();
    }
    if (target == "/v1/tables") return found(person(request), body);
    if (target.starts_with("/v1/invitations/")) {
      auto const &invitation = invitations.at(target.substr(16));
      join(tables.at(invitation.table), person(request), invitation.role);
      return "{}";
    }
    auto const id = target.substr(11, 36);
    auto &at = tables.at(id);
    auto const rest = target.substr(47);
    if (rest == "/invitations") {
      auto const code = Uuid::random().text();
      invitations[code] = {id, *from_word<Role>(body.at("role").get<std::string>())};
      return Json{{"code", code}}.dump();
    }
    std::string out;
    if (rest.starts_with("/history?from=")) {
      auto const from = std::stoull(rest.substr(14));
      auto const until = std::min<std::size_t>(from - 1 + 200, at.events.size());
      std::vector<table::view::Event> views;
      for (auto seq = from; seq <= until; ++seq) views.push_back(project(at.events[seq - 1], person(request).id));
      protocol::append_history(out, views, until < at.events.size() ? std::optional<Seq>(until + 1) : std::nullopt);
      return out;
    }
    protocol::append_state(out, at.state.seq, project(at.state, person(request).id, [](PlayerId) { return true; }));
    return out;
  }

  std::string found(Person const &owner, Json const &body) {
    auto const id = Uuid::random();
    table::Founding founding{.id = TableId(id),
                             .name = body.at("name"),
                             .listing = {},
                             .seats = {},
                             .owner = owner.id,
                             .owner_name = owner.name};
    if (body.contains("seats")) founding.seats = body.at("seats").get<std::int64_t>();
    auto event = found_table(read_system(body.at("system")), founding, wall_clock_now(), chance).value();
    auto &made = tables[id.text()];
    table::apply(made.state, event);
    made.events.push_back(std::move(event));
    return Json{{"id", id.text()}}.dump();
  }

  // Events

  void join(Table &at, Person const &who, Role role) {
    table::Action const action{
        .by = who.id, .client = {}, .id = {}, .precondition = {}, .operation = table::PlayerJoin{who.name, role}};
    if (auto event = decide(at.state, action, wall_clock_now(), chance)) commit(at, std::move(*event));
  }

  void commit(Table &at, table::Event event) {
    table::apply(at.state, event);
    at.events.push_back(event);
    auto const seat_changed = std::holds_alternative<table::SeatTaken>(event.change);
    for (auto const &session : at.sessions) {
      bool const spectator = at.state.role_of(session->who.id) == Role::spectator;
      if (fault == Fault::loses_events && spectator && ++delivered % 10 == 0) continue;
      session->send(text_of(at.events.back(), session->who.id));
      if (!seat_changed || event.by != session->who.id) continue;
      std::string resync;
      protocol::append_resync(resync, at.state.seq, project(at.state, session->who.id, [](PlayerId) { return true; }));
      session->send(std::move(resync));
    }
  }

  std::string text_of(table::Event const &event, PlayerId viewer) const {
    if (fault == Fault::shows_hands && std::holds_alternative<table::PieceMoved>(event.change)) {
      auto const named = named_players(event);
      if (!named.empty()) viewer = named.front();
    }
    std::string out;
    auto const shown = project(event, viewer);
    protocol::append_event(out, shown);
    if (fault == Fault::miscounts && out.contains(R"("from":"pot")")) {
      auto json = Json::parse(out);
      auto &value = json["data"]["counters"][0]["value"];
      value = value.get<std::int64_t>() + 1;
      return json.dump();
    }
    return out;
  }

  // WebSocket

  asio::awaitable<void> hold(std::shared_ptr<Session> session, http::request<http::string_body> request) {
    session->stream.set_option(beast::websocket::stream_base::decorator([](beast::websocket::response_type &response) {
      response.set(http::field::sec_websocket_protocol, "tableforge.v1+json");
    }));
    co_await session->stream.async_accept(request, asio::use_awaitable);
    session->stream.text(true);
    auto &at = tables.at(std::string(request.target()).substr(11, 36));
    try {
      for (;;) {
        beast::flat_buffer buffer;
        co_await session->stream.async_read(buffer, asio::use_awaitable);
        take(at, session, beast::buffers_to_string(buffer.data()));
      }
    } catch (std::exception const &) {
    }
    at.sessions.erase(session);
  }

  void take(Table &at, std::shared_ptr<Session> const &session, std::string const &text) {
    auto message = protocol::decode(text);
    if (!message) {
      std::string out;
      protocol::append_error(out, message.error().id, message.error().code, message.error().message);
      session->send(std::move(out));
    } else if (auto const *hello = std::get_if<protocol::Hello>(&*message)) {
      welcome(at, session, *hello);
    } else if (auto const *request = std::get_if<protocol::Request>(&*message)) {
      act(at, session, *request);
    }
  }

  void welcome(Table &at, std::shared_ptr<Session> const &session, protocol::Hello const &hello) {
    session->who = people.at(hello.token);
    session->client = hello.client;
    if (!at.state.role_of(session->who.id)) join(at, session->who, Role::player);
    protocol::You const you{session->who.id, {}, *at.state.role_of(session->who.id)};
    bool const replays = hello.resume && *hello.resume <= at.state.seq && ++hellos % 3 != 0;
    auto const state = project(at.state, session->who.id, [](PlayerId) { return true; });
    std::string out;
    protocol::append_welcome(out, at.state.id, you, at.state.seq, replays ? nullptr : &state);
    session->send(std::move(out));
    for (auto seq = replays ? *hello.resume + 1 : at.state.seq + 1; seq <= at.state.seq; ++seq) {
      session->send(text_of(at.events[seq - 1], session->who.id));
    }
    at.sessions.insert(session);
  }

  void act(Table &at, std::shared_ptr<Session> const &session, protocol::Request const &request) {
    if (fault == Fault::keeps_silent && std::holds_alternative<table::ChatWhisper>(request.operation)) return;
    auto const *known = at.state.find_remembered(session->who.id, session->client, request.id);
    bool const forgotten =
        fault == Fault::forgets_actions && std::holds_alternative<table::CounterTransfer>(request.operation);
    if (known != nullptr && !forgotten) {
      session->send(text_of(at.events[known->seq - 1], session->who.id));
      return;
    }
    table::Action const action{.by = session->who.id,
                               .client = session->client,
                               .id = request.id,
                               .precondition = request.precondition,
                               .operation = request.operation};
    auto event = decide(at.state, action, wall_clock_now(), chance);
    if (event) {
      commit(at, std::move(*event));
      return;
    }
    std::string out;
    protocol::append_error(out, request.id, protocol::code_of(event.error().why), event.error().text);
    session->send(std::move(out));
  }

  Fault fault;
  asio::io_context io{1};
  tcp::acceptor acceptor;
  SeededChance chance;
  std::map<std::string, Person> people;
  std::map<std::string, Table> tables;
  std::map<std::string, Invitation> invitations;
  std::size_t hellos = 0;
  std::size_t delivered = 0;
};

FakeServer::FakeServer(Fault fault) : world_(std::make_unique<World>(fault)) {
  asio::co_spawn(world_->io, world_->accept(), asio::detached);
  thread_ = std::thread([world = world_.get()] { world->io.run(); });
}

FakeServer::~FakeServer() {
  world_->io.stop();
  thread_.join();
}

std::uint16_t FakeServer::port() const { return world_->acceptor.local_endpoint().port(); }

}  // namespace tableforge::load
