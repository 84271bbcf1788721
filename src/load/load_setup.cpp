#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "tableforge/base/uuid.hpp"
#include "tableforge/runtime/timer.hpp"

#include "load/ask.hpp"
#include "load/load_run.hpp"
#include "load/trouble.hpp"
#include "load/ws_upgrade.hpp"

/// How the clients of a load run come to their tables, and back to them.
namespace tableforge::load {

namespace asio = boost::asio;

namespace {

// As many tables are set up at once: enough to keep a server busy, and few enough that its backlog holds them.
constexpr std::size_t kOpeningTables = 32;
constexpr std::size_t kTableSeatsMin = 2;
constexpr std::chrono::milliseconds kRejoinPause{200};
constexpr std::chrono::milliseconds kCaughtUpPoll{10};
constexpr int kSlowReceiveBuffer = 4 * 1024;

}  // namespace

void LoadRun::seat_clients() {
  auto const per_table = options_.players + options_.spectators;
  tables_.resize(options_.tables);
  for (std::size_t table = 0; table < options_.tables; ++table) {
    auto const slow =
        options_.slow_readers / options_.tables + (table < options_.slow_readers % options_.tables ? 1 : 0);
    tables_[table].first = static_cast<std::uint32_t>(clients_.size());
    tables_[table].clients = static_cast<std::uint32_t>(per_table + slow);
    for (std::size_t place = 0; place < per_table + slow; ++place) {
      LoadSeat seat{.index = static_cast<std::uint32_t>(clients_.size()),
                    .table = static_cast<std::uint32_t>(table),
                    .place = static_cast<std::uint32_t>(place),
                    .players = static_cast<std::uint32_t>(options_.players),
                    .seats = static_cast<std::uint32_t>(std::max(options_.players, options_.seats))};
      seat.client = Uuid::random().text();
      clients_.push_back(std::make_unique<LoadClient>(floor_, tables_[table], std::move(seat), place >= per_table));
      if (place < options_.players) senders_.push_back(clients_.back().get());
    }
  }
  std::ranges::shuffle(senders_, random_);
}

asio::awaitable<void> LoadRun::set_up() {
  seat_clients();
  auto const workers = std::min(kOpeningTables, options_.tables);
  auto const before = tasks_;
  for (std::size_t i = 0; i < workers; ++i) start("open tables", open_tables(*this));
  while (tasks_ > before) co_await changed_.wait(std::chrono::steady_clock::time_point::max());
  // What others did to come in must not arrive in the midst of the load, and be counted with it.
  auto const deadline = std::chrono::steady_clock::now() + options_.deadline;
  while (going() && !std::ranges::all_of(clients_, [](auto const &client) { return client->caught_up(); })) {
    if (std::chrono::steady_clock::now() >= deadline) co_return fail("not everybody saw the others come in, in time");
    co_await runtime::sleep_for(kCaughtUpPoll);
  }
  setting_up_ = false;
}

asio::awaitable<void> LoadRun::open_tables(LoadRun &run) {
  while (run.going() && run.next_table_ < run.tables_.size()) {
    auto const table = run.next_table_++;
    try {
      co_await run.open_table(table);
    } catch (std::exception const &error) {
      run.fail(error.what());
    }
  }
}

asio::awaitable<void> LoadRun::open_table(std::size_t number) {
  auto const &table = tables_[number];
  bool const ours = options_.dialect == LoadDialect::tableforge;
  if (ours) co_await admit(number);
  for (std::uint32_t i = 0; i < table.clients; ++i) {
    if (!going()) co_return;
    auto &client = *clients_[table.first + i];
    auto const connected = co_await connect(client);
    if (!connected) {
      throw Trouble("client " + std::to_string(client.seat().index) +
                    " could not connect: " + std::string(connected.error().text));
    }
  }
  auto const deadline = std::chrono::steady_clock::now() + options_.deadline;
  for (std::uint32_t i = 0; i < table.clients; ++i) {
    auto const &client = *clients_[table.first + i];
    while (going() && !client.there()) {
      if (std::chrono::steady_clock::now() >= deadline) throw Trouble("a client was not seated in time");
      co_await changed_.wait(deadline);
    }
    ++settled_;
  }
  if (ours && going()) co_await hand_out_pieces(number);
}

/// Players with their tokens, and the table that the first of them makes, which is open to all.
asio::awaitable<void> LoadRun::admit(std::size_t number) {
  auto &table = tables_[number];
  auto const name = "Load, table " + std::to_string(number + 1);
  for (std::uint32_t i = 0; i < table.clients && going(); ++i) {
    HttpRequest request{.method = HttpRequest::Method::post,
                        .target = "/v1/players",
                        .token = {},
                        .body = Json{{"name", name + ", " + std::to_string(i + 1)}}.dump()};
    auto const reply = co_await ask(http_, std::move(request), options_.deadline, name);
    clients_[table.first + i]->seat().token = reply.json.at("token").get<std::string>();
  }
  if (!going()) co_return;
  HttpRequest request{
      .method = HttpRequest::Method::post,
      .target = "/v1/tables",
      .token = clients_[table.first]->seat().token,
      .body = Json{{"name", name},
                   {"system", "blank"},
                   {"visibility", "public"},
                   {"seats", std::max(kTableSeatsMin, std::size_t{clients_[table.first]->seat().seats})}}
                  .dump()};
  auto const reply = co_await ask(http_, std::move(request), options_.deadline, name);
  table.id = reply.json.at("id").get<std::string>();
  for (std::uint32_t i = 0; i < table.clients; ++i) clients_[table.first + i]->seat().table_id = table.id;
}

/// Each player gets one of the tokens on the board.
asio::awaitable<void> LoadRun::hand_out_pieces(std::size_t number) {
  auto const &table = tables_[number];
  HttpRequest request{.method = HttpRequest::Method::get,
                      .target = "/v1/tables/" + table.id,
                      .token = clients_[table.first]->seat().token,
                      .body = {}};
  auto const shown = co_await ask(http_, std::move(request), options_.deadline, "Load");
  std::size_t place = 0;
  for (auto const &zone : shown.json.at("state").at("zones")) {
    if (zone.at("id") != "board") continue;
    for (auto const &piece : zone.at("pieces")) {
      if (place < options_.players) clients_[table.first + place++]->seat().piece = piece.at("id").get<std::string>();
    }
  }
  if (place < options_.players) throw Trouble("the table does not show the pieces that were put on it");
}

asio::awaitable<Result<void>> LoadRun::connect(LoadClient &client) {
  auto &dialect = client.prepare();
  if (auto reservation = dialect.reservation(client.seat())) {
    auto const reply = co_await ask(http_, std::move(*reservation), options_.deadline, "Load");
    dialect.reserved(reply.bytes);
  }
  asio::ip::tcp::socket socket(shard_.executor());
  auto early =
      co_await runtime::with_deadline(open_websocket(socket, server_, dialect.target(client.seat()),
                                                     dialect.subprotocol(), client.slow() ? kSlowReceiveBuffer : 0),
                                      options_.deadline);
  if (!early) {
    client.cut();
    co_return std::unexpected(early.error());
  }
  boost::system::error_code code;
  socket.native_non_blocking(true, code);
  if (!client.open(socket.release(), *early)) {
    co_return tableforge::fail(Errc::overloaded, "the kernel refuses to watch another connection");
  }
  co_return Result<void>{};
}

/// Comes back to its table, with a resume, after its connection ended.
asio::awaitable<void> LoadRun::rejoin(LoadRun &run, LoadClient &client, bool at_once) {
  auto const give_up = std::chrono::steady_clock::now() + run.options_.deadline;
  bool pause = !at_once;
  while (run.going() && !run.ending_ && client.absent()) {
    if (std::exchange(pause, true)) co_await runtime::sleep_for(kRejoinPause);
    if (!client.absent() || run.ending_) co_return;
    if (co_await run.connect(client)) co_return;
    if (std::chrono::steady_clock::now() >= give_up) co_return run.fail("a client could not come back to its table");
  }
}

void LoadRun::client_lost(LoadClient &client, std::string_view why) {
  if (ending_) return;
  if (setting_up_) return fail("a connection ended during the setup: " + std::string(why));
  if (client.slow()) {
    ++slow_ends_;
  } else {
    ++floor_.tally.current().counts.connections_lost;
    ++ends_[std::string(why)];
  }
  start("rejoin", rejoin(*this, client, false));
}

}  // namespace tableforge::load
