#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace tableforge::test {

/// Stands between a client and PostgreSQL, and breaks the connection exactly where a test wants it.
///
/// Threads: any; connections are carried by threads of its own.
/// Owns:    its sockets and threads.
class TcpProxy {
 public:
  enum class Cut {
    before_request,  ///< The marked request never reaches the server.
    before_answer,   ///< The server has done what was asked; the client never hears of it.
  };

  /// `url` is a postgresql:// URL with a numeric host and a port.
  explicit TcpProxy(std::string const &url);
  ~TcpProxy();
  TcpProxy(TcpProxy const &) = delete;
  TcpProxy &operator=(TcpProxy const &) = delete;

  /// The same URL, through the proxy.
  [[nodiscard]] std::string const &url() const { return url_; }

  /// Breaks the next connection that carries `mark` in a request, once.
  void arm(std::string mark, Cut cut);
  /// While refusing, new connections are closed at once.
  void refuse(bool refusing);
  /// Waits until the armed cut has happened; false if it does not.
  bool wait_for_cut();

 private:
  struct Link {
    int client;
    int server;
    bool cut_answer = false;  ///< Guarded by the mutex.
    std::thread requests;
    std::thread answers;
  };

  void accept_all();
  void carry_requests(Link &link);
  void carry_answers(Link &link);
  static void sever(Link const &link);

  std::uint16_t server_port_ = 0;
  std::string url_;
  int listener_ = -1;
  std::mutex mutex_;
  std::condition_variable was_cut_;
  std::string mark_;
  Cut cut_ = Cut::before_request;
  bool happened_ = false;
  bool refusing_ = false;
  bool ending_ = false;
  std::list<Link> links_;
  std::thread acceptor_;
};

}  // namespace tableforge::test
