#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <nlohmann/json.hpp>

#include "tableforge/ws/decoder.hpp"
#include "tableforge/ws/opcode.hpp"

namespace tableforge::test {

/// The client's end of a connection, byte by byte: it can break every rule, which a decent client cannot.
///
/// Everything it waits for has a limit, past which it throws and the test fails instead of hanging.
class Peer {
 public:
  /// A frame of the server's; a message in its text, `end` when the stream has ended.
  struct Frame {
    ws::Step::Kind kind = ws::Step::Kind::need_more;
    std::string payload;
    ws::CloseCode close_code = 0;
    bool end = false;
  };

  /// `receive_bytes` other than 0 makes the kernel keep only so much for us: a client that falls behind soon.
  explicit Peer(std::uint16_t port, int receive_bytes = 0);

  /// Sends the bytes as they are.
  void send(std::string_view bytes);
  /// A request for the socket of a table; `more` stands behind the usual fields, `early` behind the header.
  void ask(std::string_view table, std::string_view subprotocol = "tableforge.v1+json", std::string_view early = {});
  /// The next response's header. Nothing behind it is taken, except that the frames' decoder gets it.
  std::string head();
  /// ask(), and the 101.
  void upgrade(std::string_view table);
  /// All that comes until the server closes.
  std::string rest();

  void frame(ws::Opcode opcode, std::string_view payload, bool fin = true);
  void text(nlohmann::json const &message) { frame(ws::Opcode::text, message.dump()); }
  void hello(std::string_view token, std::string_view client = "c");

  Frame receive();
  /// The next message, pings and pongs aside; a null when the socket was closed instead.
  nlohmann::json message();
  /// The next message of that kind; others are passed over.
  nlohmann::json await(std::string_view ev);
  /// The code of the close frame; messages before it are passed over.
  ws::CloseCode await_close();

 private:
  void read_more();

  std::unique_ptr<boost::asio::io_context> context_ = std::make_unique<boost::asio::io_context>();
  boost::asio::ip::tcp::socket socket_;
  ws::Decoder decoder_;
  std::string received_;      // Not yet taken by anybody.
  std::vector<char> frames_;  // With the decoder; a vector, because its bytes stay where they are when a peer is moved.
  std::span<char> input_;
  bool ended_ = false;
};

/// A masked frame, whole or not.
std::string client_frame(ws::Opcode opcode, std::string_view payload, bool fin = true);

}  // namespace tableforge::test
