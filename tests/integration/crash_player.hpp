#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <nlohmann/json.hpp>

#include "tableforge/base/ids.hpp"
#include "tableforge/load/endpoint.hpp"
#include "tableforge/load/ws_client.hpp"

namespace tableforge::test {

/// What anybody saw at one table: by seq, the acting client's words. Everybody must see the same.
struct Witnessed {
  std::map<Seq, std::string> texts;
  std::vector<std::string> contradictions;
};

/// Somebody who keeps talking at a table while servers die under it: reconnects, resumes, and sends again what was not
/// acknowledged. Every line said is unique, so that afterwards each can be looked for.
///
/// Threads: that of the io_context.
class CrashPlayer {
 public:
  struct Seat {
    std::string table;
    std::string token;
    std::string client;
  };

  CrashPlayer(boost::asio::io_context &context, Seat seat, Witnessed &witnessed);

  /// Starts (or goes on) talking to the server at this port.
  void use(load::Endpoint endpoint) { endpoint_ = std::move(endpoint); }
  void start();
  /// Says nothing new; what is unacknowledged is still brought to its end.
  void hush() { hushed_ = true; }
  void stop();

  [[nodiscard]] bool quiet() const { return unacknowledged_.empty(); }
  [[nodiscard]] std::map<std::string, Seq> const &acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::uint64_t said() const { return said_; }
  [[nodiscard]] std::string const &table() const { return seat_.table; }
  [[nodiscard]] std::vector<std::string> const &failures() const { return failures_; }

 private:
  boost::asio::awaitable<void> keep_playing();
  boost::asio::awaitable<void> keep_talking();
  boost::asio::awaitable<void> play_once();
  void hear(nlohmann::json const &message);
  void hear_event(nlohmann::json const &event);
  void send(std::string const &text);
  void send_hello();

  boost::asio::io_context &context_;
  Seat seat_;
  Witnessed &witnessed_;
  load::Endpoint endpoint_;
  std::shared_ptr<load::WsClient> socket_;
  bool welcomed_ = false;
  bool hushed_ = false;
  bool stopped_ = false;
  bool resumes_ = false;
  Seq last_seq_ = 0;
  std::uint64_t said_ = 0;
  std::map<std::string, bool> unacknowledged_;  ///< By text; true when it is to be sent again.
  std::map<std::string, Seq> acknowledged_;
  std::vector<std::string> failures_;
};

}  // namespace tableforge::test
