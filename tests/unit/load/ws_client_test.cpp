#include "tableforge/load/ws_client.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "tableforge/ws/encoder.hpp"
#include "tableforge/ws/handshake.hpp"

namespace tableforge::load {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;

std::string upgraded(std::string const &request) {
  std::string const name = "Sec-WebSocket-Key: ";
  auto const at = request.find(name) + name.size();
  auto const key = request.substr(at, request.find("\r\n", at) - at);
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         ws::accept_key(key) + "\r\nSec-WebSocket-Protocol: p\r\n\r\n";
}

/// A server that takes one connection, answers its upgrade, and keeps what the client sends.
struct WsClientTest : testing::Test {
  using Answer = std::string (*)(std::string const &request);

  static asio::awaitable<void> serve(WsClientTest *test, Answer answer) {
    auto socket = co_await test->acceptor.async_accept(asio::use_awaitable);
    std::string request;
    co_await asio::async_read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(answer(request)), asio::use_awaitable);
    for (std::array<char, 256> bytes{};;) {
      auto [code, size] = co_await socket.async_read_some(asio::buffer(bytes), asio::as_tuple(asio::use_awaitable));
      test->sent.append(bytes.data(), size);
      if (code) break;
    }
    test->served = true;
  }

  static asio::awaitable<void> talk(WsClientTest *test) {
    auto const server = Endpoint{"127.0.0.1", test->acceptor.local_endpoint().port()};
    test->connected = co_await test->client->connect(server, "/", "p", 5s);
    if (!*test->connected) co_return;
    auto const received = co_await test->client->receive(test->patience);
    if (received) {
      test->text = received->text;
      test->close = received->close;
    } else {
      test->error = received.error().code;
    }
    test->client->send("bye");
    test->client->cut(WsClient::Cut::fin);
  }

  void run(Answer answer) {
    asio::co_spawn(io, serve(this, answer), asio::detached);
    asio::co_spawn(io, talk(this), asio::detached);
    io.run();
  }

  asio::io_context io{1};
  tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  std::shared_ptr<WsClient> client = WsClient::create(io.get_executor(), 1'000);
  std::chrono::milliseconds patience = 5s;
  std::optional<Result<void>> connected;
  std::string text;
  std::optional<ws::CloseCode> close;
  std::optional<Errc> error;
  std::string sent;
  bool served = false;
};

TEST_F(WsClientTest, TakesAMessageThatCameWithTheUpgrade) {
  run([](std::string const &request) {
    auto answer = upgraded(request);
    ws::append_frame(answer, ws::Opcode::text, "hello");
    return answer;
  });

  ASSERT_TRUE(connected && *connected);
  EXPECT_EQ(text, "hello");
  EXPECT_TRUE(served);
  EXPECT_EQ(sent.size(), 2 + 4 + 3u) << "what was sent before a cut arrives";
}

TEST_F(WsClientTest, AnswersAPing) {
  run([](std::string const &request) {
    auto answer = upgraded(request);
    ws::append_frame(answer, ws::Opcode::ping, "are you there");
    ws::append_frame(answer, ws::Opcode::text, "good");
    return answer;
  });

  EXPECT_EQ(text, "good");
  ASSERT_FALSE(sent.empty());
  EXPECT_EQ(static_cast<std::uint8_t>(sent[0]), 0x80 | static_cast<std::uint8_t>(ws::Opcode::pong));
}

TEST_F(WsClientTest, TellsTheCloseCode) {
  run([](std::string const &request) {
    auto answer = upgraded(request);
    ws::append_close(answer, 4'008, "too slow");
    return answer;
  });

  EXPECT_EQ(close, 4'008);
}

TEST_F(WsClientTest, RefusesAMessageBeyondItsBound) {
  run([](std::string const &request) {
    auto answer = upgraded(request);
    ws::append_frame(answer, ws::Opcode::text, std::string(1'001, 'x'));
    return answer;
  });

  EXPECT_EQ(error, Errc::invalid);
}

TEST_F(WsClientTest, DoesNotWaitForeverForAMessage) {
  patience = 20ms;
  run(&upgraded);

  EXPECT_EQ(error, Errc::timeout);
}

TEST_F(WsClientTest, TellsARefusalFromAServerThatIsBusy) {
  run([](std::string const &) { return std::string("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"); });

  ASSERT_TRUE(connected && !*connected);
  EXPECT_EQ(connected->error().code, Errc::not_found);
}

TEST_F(WsClientTest, ComesBackToAServerThatIsBusy) {
  run([](std::string const &) { return std::string("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"); });

  ASSERT_TRUE(connected && !*connected);
  EXPECT_EQ(connected->error().code, Errc::unavailable);
}

TEST_F(WsClientTest, RefusesAnAnswerToAnotherKey) {
  run([](std::string const &) { return upgraded("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"); });

  ASSERT_TRUE(connected && !*connected);
  EXPECT_EQ(connected->error().code, Errc::invalid);
}

}  // namespace
}  // namespace tableforge::load
