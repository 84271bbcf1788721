#include "performance/support/reader.hpp"

#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>

#include "tableforge/base/uuid.hpp"
#include "tableforge/load/ws_client.hpp"

#include "support/serve_process.hpp"

namespace tableforge::test {

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

constexpr std::chrono::seconds kLimit{30};
constexpr std::size_t kMessageBytesMax = 16 * 1024 * 1024;

/// A stranger may see the backs in a hand or a bag, and how many, and no face.
void look_for_leaks(Json const &state, std::string const &id) {
  for (auto const &zone : state.at("zones")) {
    if (zone.at("visibility") == "public" || !zone.contains("pieces")) continue;
    for (auto const &piece : zone.at("pieces")) {
      if (piece.contains("face")) throw std::runtime_error("table " + id + " shows a stranger " + piece.dump());
    }
  }
}

/// The welcome, as it came, and when.
struct Welcome {
  std::string text;
  Clock::time_point at;
};

asio::awaitable<Welcome> joined(load::Endpoint server, std::string id, std::string token) {
  auto const client = load::WsClient::create(co_await asio::this_coro::executor, kMessageBytesMax);
  auto const connected = co_await client->connect(server, "/v1/tables/" + id + "/ws", "tableforge.v1+json", kLimit);
  if (!connected) throw std::runtime_error("join of " + id + ": " + std::string(connected.error().text));
  client->send(Json{{"op", "hello"}, {"token", token}, {"client", Uuid::random().text()}}.dump());
  auto const received = co_await client->receive(kLimit);
  if (!received) throw std::runtime_error("welcome of " + id + ": " + std::string(received.error().text));
  Welcome welcome{.text = std::string(received->text), .at = Clock::now()};
  client->cut(load::WsClient::Cut::fin);
  co_return welcome;
}

/// The seq that somebody without a seat is welcomed with.
std::uint64_t seq_in(std::string const &welcome, std::string const &id) {
  Json frame = Json::parse(welcome, nullptr, false);
  if (frame.is_array() && !frame.empty()) frame = Json(frame.front());
  if (!frame.is_object() || frame.value("ev", "") != "welcome" || frame.value("mode", "") != "snapshot") {
    throw std::runtime_error("instead of a welcome to " + id + " came " + welcome.substr(0, 200));
  }
  look_for_leaks(frame.at("state"), id);
  return frame.at("seq").get<std::uint64_t>();
}

}  // namespace

Reader::Reader(load::Endpoint server, std::string const &name) : server_(std::move(server)) {
  auto const answer = ask(server_.port, "POST", "/v1/players", {}, Json{{"name", name}}.dump());
  if (answer.status != 201) throw std::runtime_error("POST /v1/players was answered by " + answer.body);
  token_ = Json::parse(answer.body).at("token").get<std::string>();
}

Reader Reader::at(load::Endpoint other) const {
  Reader same = *this;
  same.server_ = std::move(other);
  return same;
}

std::string Reader::get(std::string const &target) {
  auto answer = ask(server_.port, "GET", target, token_);
  if (answer.status != 200) {
    throw std::runtime_error("GET " + target + " was answered by " + std::to_string(answer.status) + " " + answer.body);
  }
  return std::move(answer.body);
}

Reader::Page Reader::read_lobby(std::size_t limit, std::optional<std::string> const &after) {
  auto const target = "/v1/tables?limit=" + std::to_string(limit) + (after ? "&after=" + *after : "");
  auto const begin = Clock::now();
  auto const body = get(target);
  Page page{.tables = {}, .after = {}, .took = Clock::now() - begin};
  auto const json = Json::parse(body);
  for (auto const &table : json.at("tables")) page.tables.push_back(table.at("id").get<std::string>());
  if (page.tables.size() == limit) page.after = page.tables.back();
  return page;
}

Reader::Seen Reader::read_table(std::string const &id) {
  auto const begin = Clock::now();
  auto const body = get("/v1/tables/" + id);
  auto const took = Clock::now() - begin;
  auto const json = Json::parse(body);
  look_for_leaks(json.at("state"), id);
  return {.seq = json.at("seq").get<std::uint64_t>(), .took = took};
}

Reader::Seen Reader::join(std::string const &id) {
  asio::io_context context;
  Welcome welcome;
  std::exception_ptr failed;
  auto const begin = Clock::now();
  asio::co_spawn(context, joined(server_, id, token_), [&](std::exception_ptr failure, Welcome came) {
    failed = std::move(failure);
    welcome = std::move(came);
  });
  context.run();
  if (failed) std::rethrow_exception(failed);
  return {.seq = seq_in(welcome.text, id), .took = welcome.at - begin};
}

}  // namespace tableforge::test
