#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace tableforge::test {

/// Stands between a server and Redis, and loses what is published: everything else passes, so that neither side can
/// notice. It is what a network does to messages that nobody acknowledges, made frequent.
///
/// Threads: any; connections are carried by threads of its own.
/// Owns:    its sockets and threads.
/// Errors:  throws where it cannot listen.
class LossyRedis {
 public:
  /// `url` is a redis:// URL with a numeric host and a port.
  explicit LossyRedis(std::string const &url);
  ~LossyRedis();
  LossyRedis(LossyRedis const &) = delete;
  LossyRedis &operator=(LossyRedis const &) = delete;

  /// The same URL, through here.
  [[nodiscard]] std::string const &url() const { return url_; }
  void lose(bool losing) { losing_ = losing; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }

  /// How long the reply is with which these bytes begin, in RESP 2; 0 if it is not all there.
  static std::size_t reply_size(std::string_view bytes);

 private:
  struct Link {
    int client;
    int server;
    std::thread requests;
    std::thread answers;
  };

  void accept_all();
  static void carry_requests(Link &link);
  void carry_answers(Link &link);

  std::uint16_t server_port_ = 0;
  std::string url_;
  int listener_ = -1;
  std::atomic<bool> losing_{false};
  std::atomic<std::uint64_t> lost_{0};
  std::mutex mutex_;  // Guards the next two.
  bool ending_ = false;
  std::list<Link> links_;
  std::thread acceptor_;
};

}  // namespace tableforge::test
