#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/runtime/ready_set.hpp"
#include "tableforge/ws/decoder.hpp"
#include "tableforge/ws/opcode.hpp"

namespace tableforge::load {

/// What all sockets of a run have together, so that an idle one is only a few bytes.
struct LoadSockets {
  explicit LoadSockets(runtime::Shard &shard) : ready(shard), buffer(kReadBytes) {}

  static constexpr std::size_t kReadBytes = 128 * 1024;

  runtime::ReadySet ready;
  std::vector<char> buffer;  // What is being read, by whichever socket it is.
  std::string frame;         // What is being written.
  std::uint64_t bytes_received = 0;
  std::uint64_t key_state = 0x9e3779b97f4a7c15;
};

/// A WebSocket connection of which there are thousands: an open descriptor in the run's ReadySet, read into one buffer
/// and written at once. Pings are answered, and closes echoed.
///
/// Threads: the shard's.
/// Owns:    the descriptor. The listener, which is told everything from within on_ready() and take(), outlives it.
/// Bounds:  what the kernel does not take is kept up to kUnsentMax; past it the connection is ended.
class LoadSocket final : public runtime::Ready {
 public:
  class Listener {
   public:
    /// A text or binary message; valid during the call. The listener may close the socket meanwhile.
    virtual void on_message(std::string_view message) = 0;
    /// Once, when the connection has ended by itself: nothing is received or sent any more.
    virtual void on_end(std::string_view why) = 0;

   protected:
    ~Listener() = default;
  };

  static constexpr std::size_t kUnsentMax = 1024 * 1024;
  static constexpr std::size_t kMessageBytesMax = 64 * 1024 * 1024;

  LoadSocket(LoadSockets &sockets, Listener &listener);
  ~LoadSocket() { cut(); }
  LoadSocket(LoadSocket const &) = delete;
  LoadSocket &operator=(LoadSocket const &) = delete;

  /// Takes a connected, non-blocking descriptor after its upgrade. One that is not watched is read by read() alone, and
  /// can send no more than its socket takes at once. False if it cannot be watched.
  [[nodiscard]] bool open(int fd, bool watched);
  /// What was received before, behind the answer to the upgrade.
  void take(std::span<char> input);

  void send(std::string_view message, ws::Opcode opcode = ws::Opcode::text);
  /// Says goodbye, then ends it; nothing is told to the listener.
  void close();
  /// Ends it as a process that ends does.
  void cut();

  [[nodiscard]] bool is_open() const { return fd_ >= 0; }
  /// Reads once, up to so many bytes.
  void read(std::size_t bytes_max);

  void on_ready(bool readable, bool writable) override;

 private:
  void write(std::string_view bytes);
  void write_unsent();
  void end(std::string_view why);
  ws::MaskKey mask_key();

  LoadSockets &sockets_;
  Listener &listener_;
  ws::Decoder decoder_;
  std::string unsent_;
  int fd_ = -1;
  bool watched_ = false;
};

}  // namespace tableforge::load
