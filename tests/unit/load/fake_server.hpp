#pragma once

#include <cstdint>
#include <memory>
#include <thread>

namespace tableforge::load {

/// What a fake server does wrong, for tests that the replay notices.
enum class Fault : std::uint8_t {
  none,
  shows_hands,      ///< Everybody gets the form of a move that only the hand's owner should get.
  forgets_actions,  ///< A transfer that is sent twice takes effect twice.
  loses_events,     ///< Now and then an event does not reach the spectator.
  miscounts,        ///< What leaves the pot is told one too little.
  keeps_silent,     ///< Chat is never answered.
};

/// A table server in memory, in a thread of its own on a free port: the real rules and the real encoding, and none
/// of the rest.
class FakeServer {
 public:
  explicit FakeServer(Fault fault);
  ~FakeServer();
  FakeServer(FakeServer const &) = delete;
  FakeServer &operator=(FakeServer const &) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  struct World;
  std::unique_ptr<World> world_;
  std::thread thread_;
};

}  // namespace tableforge::load
