#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tableforge/gateway/server.hpp"
#include "tableforge/log/log.hpp"

/// HTTP as a client sees it: an AdminServer on a real shard, talked to in bytes.
namespace tableforge::gateway {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class AdminServerTest : public testing::Test {
 protected:
  AdminServerTest() {
    log::init({.level = log::Level::error, .json = false, .sink = [](std::string_view) {}});
    router_.add("GET", "/things/{id}", [](HttpRequest request, Router::Parameters parameters) {
      return echo(std::move(request), std::move(parameters));
    });
    router_.add("POST", "/things/{id}", [](HttpRequest request, Router::Parameters parameters) {
      return echo(std::move(request), std::move(parameters));
    });
    router_.add("GET", "/broken", [](HttpRequest, Router::Parameters) -> asio::awaitable<HttpResponse> {
      throw std::logic_error("secret");
      co_return HttpResponse{};
    });
    started_ = server_.start().has_value();
    shards_.start();
  }
  ~AdminServerTest() override {
    server_.stop(std::chrono::seconds(5));
    shards_.stop();
    shards_.join();
    log::init({});
  }

  static asio::awaitable<HttpResponse> echo(HttpRequest request, Router::Parameters parameters) {
    HttpResponse response;
    response.body = nlohmann::json{{"id", parameters["id"]},       {"method", request.method},
                                   {"query", request.query["q"]},  {"authorization", request.authorization},
                                   {"bytes", request.body.size()}, {"from", request.remote_address}}
                        .dump();
    co_return response;
  }

  tcp::socket connect() {
    tcp::socket socket(client_);
    socket.connect({asio::ip::address_v4::loopback(), server_.port()});
    return socket;
  }

  /// Sends the bytes and returns all that comes back until the server closes.
  std::string exchange(std::string const &bytes) {
    auto socket = connect();
    boost::system::error_code code;
    asio::write(socket, asio::buffer(bytes), code);
    std::string answer;
    asio::read(socket, asio::dynamic_buffer(answer), code);
    EXPECT_EQ(code, asio::error::eof) << code.message();
    return answer;
  }

  std::string request(std::string const &line, std::string const &more = {}) {
    return exchange(line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + more + "\r\n");
  }

  metrics::RuntimeMetrics runtime_metrics_;
  metrics::GatewayMetrics metrics_{{.ops = {}, .error_codes = {}, .routes = {"/elsewhere", "/things/{id}", "/broken"}}};
  runtime::Shards shards_{1, runtime_metrics_};
  Router router_;
  AdminServer server_{{.shard = shards_[0],
                       .router = router_,
                       .metrics = metrics_,
                       .address = "127.0.0.1",
                       .port = 0,
                       .first_route = 1}};
  bool started_ = false;
  asio::io_context client_;
};

nlohmann::json body_of(std::string const &answer) {
  return nlohmann::json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
}

TEST_F(AdminServerTest, ServesARoute) {
  ASSERT_TRUE(started_);
  auto const answer = request("GET /things/a%20b?q=1", "Authorization: Bearer t\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: application/json\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nCache-Control: no-store\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(answer, testing::ContainsRegex("\r\nDate: [A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] 20[0-9][0-9] "));
  EXPECT_THAT(answer, Not(HasSubstr("Server:")));
  auto const body = body_of(answer);
  EXPECT_EQ(body["id"], "a b");
  EXPECT_EQ(body["query"], "1");
  EXPECT_EQ(body["authorization"], "Bearer t");
  EXPECT_EQ(body["from"], "127.0.0.1");
}

TEST_F(AdminServerTest, CountsByRouteAndStatus) {
  request("GET /things/1");
  request("DELETE /things/1");
  request("GET /nothing");
  EXPECT_EQ(metrics_.http_requests.at(1, metrics::StatusClass::success).value(), 1U);
  EXPECT_EQ(metrics_.http_requests.at(1, metrics::StatusClass::client_error).value(), 1U);
  EXPECT_EQ(metrics_.http_requests.at(3, metrics::StatusClass::client_error).value(), 1U);
  EXPECT_EQ(metrics_.http_latency.snapshot().count(), 3U);
}

TEST_F(AdminServerTest, KeepsAConnectionForSeveralRequests) {
  auto socket = connect();
  std::string answers;
  for (int i = 0; i < 3; ++i) {
    asio::write(socket, asio::buffer("GET /things/" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n"));
    auto const head = asio::read_until(socket, asio::dynamic_buffer(answers), "\r\n\r\n");
    EXPECT_THAT(answers, StartsWith("HTTP/1.1 200"));
    auto const at = answers.find("Content-Length: ") + 16;
    auto const size = head + std::stoul(answers.substr(at));
    if (answers.size() < size) {
      asio::read(socket, asio::dynamic_buffer(answers), asio::transfer_exactly(size - answers.size()));
    }
    EXPECT_EQ(body_of(answers.substr(0, size))["id"], std::to_string(i));
    answers.erase(0, size);
  }
}

TEST_F(AdminServerTest, AnswersHeadWithoutABody) {
  auto const answer = request("HEAD /things/1");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, Not(HasSubstr("Content-Length: 0")));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(AdminServerTest, TellsTheMethodsOfAPath) {
  auto const wrong = request("DELETE /things/1");
  EXPECT_THAT(wrong, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(wrong, HasSubstr("\r\nAllow: OPTIONS, GET, HEAD, POST\r\n"));
  EXPECT_EQ(body_of(wrong)["error"]["code"], "bad_request");
  auto const options = request("OPTIONS /things/1");
  EXPECT_THAT(options, StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(options, HasSubstr("\r\nAllow: OPTIONS, GET, HEAD, POST\r\n"));
  EXPECT_THAT(request("OPTIONS *"), StartsWith("HTTP/1.1 204"));
}

TEST_F(AdminServerTest, KnowsNothingOfOtherPaths) {
  auto const answer = request("GET /nothing");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 404"));
  EXPECT_EQ(body_of(answer)["error"]["code"], "not_found");
}

TEST_F(AdminServerTest, TakesABody) {
  std::string const body(200'000, 'x');
  auto const answer = request("POST /things/1", "Content-Length: 200000\r\n\r\n" + body);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(body_of(answer)["bytes"], 200'000);
}

TEST_F(AdminServerTest, AsksForABodyThatWaitsToBeAskedFor) {
  auto socket = connect();
  asio::write(socket, asio::buffer(std::string("POST /things/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                               "Expect: 100-continue\r\nContent-Length: 4\r\n\r\n")));
  std::string answer;
  asio::read_until(socket, asio::dynamic_buffer(answer), "\r\n\r\n");
  EXPECT_EQ(answer, "HTTP/1.1 100 Continue\r\n\r\n");
  asio::write(socket, asio::buffer(std::string("four")));
  answer.clear();
  boost::system::error_code code;
  asio::read(socket, asio::dynamic_buffer(answer), code);
  EXPECT_EQ(body_of(answer)["bytes"], 4);
}

TEST_F(AdminServerTest, RefusesABodyThatIsTooLarge) {
  auto const answer = request("POST /things/1", "Content-Length: 262145\r\n\r\n" + std::string(262'145, 'x'));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 413"));
  EXPECT_EQ(body_of(answer)["error"]["code"], "too_large");
  EXPECT_EQ(body_of(answer)["error"]["details"]["limit"], 262'144);
}

TEST_F(AdminServerTest, RefusesAHeaderThatIsTooLarge) {
  auto const answer = request("GET /things/1", "X: " + std::string(9'000, 'x') + "\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 431"));
  EXPECT_EQ(body_of(answer)["error"]["code"], "too_large");
}

TEST_F(AdminServerTest, RefusesWhatIsNotHttp) {
  EXPECT_THAT(exchange("\x16\x03\x01 hello\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(request("GET /%zz"), StartsWith("HTTP/1.1 400"));
  EXPECT_EQ(metrics_.bad_input.at(metrics::BadInput::http).value(), 2U);
}

TEST_F(AdminServerTest, TellsNothingOfWhatAHandlerThrew) {
  auto const answer = request("GET /broken");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500"));
  EXPECT_THAT(answer, HasSubstr("application/problem+json"));
  EXPECT_THAT(answer, Not(HasSubstr("secret")));
  EXPECT_EQ(metrics_.http_requests.at(2, metrics::StatusClass::server_error).value(), 1U);
}

TEST_F(AdminServerTest, HasNoTableSockets) {
  auto const answer = request("GET /v1/tables/7e0c1f52-8a3c-4a65-9e0b-6f4f0d3a2b11/ws");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 404"));
}

TEST_F(AdminServerTest, EndsIdleConnectionsWhenItStops) {
  auto socket = connect();
  asio::write(socket, asio::buffer(std::string("GET /things/1 HTTP/1.1\r\nHost: x\r\n\r\n")));
  std::string answer;
  asio::read_until(socket, asio::dynamic_buffer(answer), "\r\n\r\n");
  server_.stop(std::chrono::seconds(20));
  boost::system::error_code code;
  asio::read(socket, asio::dynamic_buffer(answer), code);
  EXPECT_EQ(code, asio::error::eof);
  tcp::socket late(client_);
  late.connect({asio::ip::address_v4::loopback(), server_.port()}, code);
  EXPECT_EQ(code, asio::error::connection_refused);
}

TEST_F(AdminServerTest, ClosesConnectionsPastItsLimit) {
  std::vector<tcp::socket> sockets;
  for (int i = 0; i < 64; ++i) sockets.push_back(connect());
  // The kernel hands connections over in order, so this one is judged behind the others.
  auto one_more = connect();
  std::string answer;
  boost::system::error_code code;
  asio::read(one_more, asio::dynamic_buffer(answer), code);
  EXPECT_EQ(code, asio::error::eof);
  EXPECT_EQ(answer, "");
}

TEST(AdminServer, SaysWhyItCannotListen) {
  metrics::RuntimeMetrics runtime_metrics;
  metrics::GatewayMetrics metrics;
  runtime::Shards shards(1, runtime_metrics);
  Router const router;
  log::init({.level = log::Level::error, .json = false, .sink = [](std::string_view) {}});
  AdminServer first({.shard = shards[0], .router = router, .metrics = metrics, .address = "127.0.0.1"});
  ASSERT_TRUE(first.start());
  AdminServer second(
      {.shard = shards[0], .router = router, .metrics = metrics, .address = "127.0.0.1", .port = first.port()});
  auto const in_use = second.start();
  ASSERT_FALSE(in_use);
  EXPECT_EQ(in_use.error().code, Errc::conflict);
  AdminServer nowhere({.shard = shards[0], .router = router, .metrics = metrics, .address = "nowhere"});
  auto const invalid = nowhere.start();
  ASSERT_FALSE(invalid);
  EXPECT_EQ(invalid.error().code, Errc::invalid);
  log::init({});
  shards.start();
  first.stop(std::chrono::seconds(5));
  shards.stop();
  shards.join();
}

}  // namespace
}  // namespace tableforge::gateway
