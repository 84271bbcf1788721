#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "support/serve_process.hpp"

namespace tableforge::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::StartsWith;

/// A server behind a balancer that speaks the PROXY protocol, which is this test, with few things allowed per address.
class EdgeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<ScratchDirectory>();
    server_ = std::make_unique<ServeProcess>(ServeProcess::Options{
        .database_url = migrated_database(),
        .run_dir = directory_->path(),
        .more = {"--trusted-proxies=127.0.0.1,10.0.0.0/8", "--proxy-protocol", "--address-connections-max=2",
                 "--address-requests-per-second=2", "--address-upgrades-per-second=1", "--metrics-token",
                 "--admin-token=" + std::string(32, 'a')}});
    server_->await_serving();
  }
  static void TearDownTestSuite() {
    server_.reset();
    directory_.reset();
  }

  tcp::socket connect(std::string const &from = "127.0.0.1") {
    tcp::socket socket(context_, tcp::v4());
    socket.bind({asio::ip::make_address(from), 0});
    socket.connect({asio::ip::address_v4::loopback(), server_->port()});
    // Nothing that is read here may take longer.
    timeval const limit{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return socket;
  }
  static std::string line(std::string const &client) { return "PROXY TCP4 " + client + " 127.0.0.1 4660 80\r\n"; }
  static std::string request(std::string const &more = {}, std::string const &target = "/v1/systems") {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
  }
  /// The next answer's head on a connection that stays, without its body; "" if there is none.
  static std::string answer(tcp::socket &socket) {
    std::string bytes;
    boost::system::error_code code;
    auto const head = asio::read_until(socket, asio::dynamic_buffer(bytes), "\r\n\r\n", code);
    if (code) return bytes;
    auto const at = bytes.find("Content-Length: ");
    auto const size = at == std::string::npos ? 0 : std::stoul(bytes.substr(at + 16));
    if (bytes.size() < head + size) {
      asio::read(socket, asio::dynamic_buffer(bytes), asio::transfer_exactly(head + size - bytes.size()), code);
    }
    return bytes.substr(0, head);
  }
  static void send(tcp::socket &socket, std::string const &bytes) {
    boost::system::error_code code;  // A refusal may come before all was sent.
    asio::write(socket, asio::buffer(bytes), code);
  }
  std::string exchange(std::string const &bytes, std::string const &from = "127.0.0.1") {
    auto socket = connect(from);
    send(socket, bytes);
    return answer(socket);
  }
  static std::string metrics() { return ask(server_->admin_port(), "GET", "/metrics", std::string(32, 'a')).body; }

  static std::unique_ptr<ScratchDirectory> directory_;
  static std::unique_ptr<ServeProcess> server_;
  asio::io_context context_;
};

std::unique_ptr<ScratchDirectory> EdgeTest::directory_;
std::unique_ptr<ServeProcess> EdgeTest::server_;

TEST_F(EdgeTest, ServesWhomATrustedProxyAnnounces) {
  EXPECT_THAT(exchange(line("198.51.100.1") + request()), StartsWith("HTTP/1.1 200"));
  auto socket = connect();
  for (char const each : line("198.51.100.1")) send(socket, std::string(1, each));
  send(socket, request());
  EXPECT_THAT(answer(socket), StartsWith("HTTP/1.1 200"));
}

TEST_F(EdgeTest, ClosesOnEverybodyElse) {
  EXPECT_EQ(exchange(request()), "");
  EXPECT_EQ(exchange(line("198.51.100.1") + request(), "127.0.0.2"), "");
  EXPECT_EQ(exchange(line("nobody") + request()), "");
  EXPECT_THAT(metrics(), HasSubstr("tableforge_bad_input_total{kind=\"proxy\"} 3\n"));
}

TEST_F(EdgeTest, HoldsAnAddressToItsConnectionsAndNobodyElse) {
  std::vector<tcp::socket> open;
  for (int i = 0; i < 2; ++i) {
    send(open.emplace_back(connect()), line("198.51.100.2") + request());
    EXPECT_THAT(answer(open.back()), StartsWith("HTTP/1.1 200"));
  }
  auto const refused = exchange(line("198.51.100.2") + request());
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 429"));
  EXPECT_THAT(refused, HasSubstr("\r\nRetry-After: "));
  EXPECT_THAT(exchange(line("198.51.100.3") + request()), StartsWith("HTTP/1.1 200"));
}

TEST_F(EdgeTest, HoldsAnAddressToItsRate) {
  auto socket = connect();
  send(socket, line("198.51.100.4"));
  std::string latest;
  for (int i = 0; i < 1'000 && !latest.starts_with("HTTP/1.1 429"); ++i) {
    send(socket, request());
    latest = answer(socket);
  }
  EXPECT_THAT(latest, StartsWith("HTTP/1.1 429"));
  EXPECT_THAT(latest, HasSubstr("\r\nRetry-After: 1\r\n"));
  // The connection is as good as before.
  EXPECT_THAT(exchange(line("198.51.100.5") + request()), StartsWith("HTTP/1.1 200"));
}

TEST_F(EdgeTest, HoldsToTheirRateThoseWhomAProxyForwards) {
  auto socket = connect();
  send(socket, line("10.0.0.1"));
  auto const forwarded = [&](std::string const &list) {
    send(socket, request("X-Forwarded-For: " + list + "\r\n"));
    return answer(socket);
  };
  std::string latest;
  for (int i = 0; i < 1'000 && !latest.starts_with("HTTP/1.1 429"); ++i) {
    latest = forwarded("203.0.113." + std::to_string(i % 200) + ", 198.51.100.6, 10.0.0.2");
  }
  EXPECT_THAT(latest, StartsWith("HTTP/1.1 429"));
  EXPECT_THAT(forwarded("198.51.100.7"), StartsWith("HTTP/1.1 200"));
}

TEST_F(EdgeTest, HoldsAnAddressToItsUpgrades) {
  std::string const upgrade = request(
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
      "/v1/tables/00000000-0000-4000-8000-000000000000/ws");
  std::string latest;
  int before = 0;
  for (; before < 9 && !latest.starts_with("HTTP/1.1 429"); ++before) {
    latest = exchange(line("198.51.100.8") + upgrade);
  }
  // Five at once, and one for each second that has passed since; the requests would be too many at ten.
  EXPECT_THAT(latest, StartsWith("HTTP/1.1 429"));
  EXPECT_GE(before, 6);
  EXPECT_THAT(metrics(), testing::ContainsRegex("tableforge_address_refused_total.limit=\"upgrades\". 1\n"));
}

TEST_F(EdgeTest, ShowsMetricsToOperatorsAndHealthToEverybody) {
  EXPECT_EQ(server_->admin("/healthz").status, 200);
  EXPECT_EQ(server_->admin("/readyz").status, 200);
  EXPECT_EQ(server_->admin("/metrics").status, 401);
  EXPECT_THAT(metrics(), HasSubstr("\ntableforge_ready 1\n"));
  EXPECT_THAT(metrics(), HasSubstr("\ntableforge_postgres_up 1\n"));
}

}  // namespace
}  // namespace tableforge::test
