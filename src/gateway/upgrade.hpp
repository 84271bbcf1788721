#pragma once

#include <string>

#include <boost/asio/ip/tcp.hpp>

#include "tableforge/base/ids.hpp"

#include "gateway/connection_limit.hpp"

namespace tableforge::gateway {

/// An open file that no event loop knows, on its way from one to another.
class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd &&other) noexcept : fd_(other.release()) {}
  Fd &operator=(Fd &&) = delete;
  ~Fd();

  [[nodiscard]] int get() const { return fd_; }
  /// Gives it away.
  [[nodiscard]] int release();
  void close();

 private:
  int fd_;
};

/// A connection whose handshake was found good, to be taken over by its table's shard.
struct Upgrade {
  Fd socket;
  boost::asio::ip::tcp protocol;
  ConnectionSlot slot;
  TableId table;
  std::string answer;  ///< The 101, to be sent once the table is open.
  std::string early;   ///< Bytes of frames that came behind the request.
};

}  // namespace tableforge::gateway
