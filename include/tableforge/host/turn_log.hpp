#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/host/frame.hpp"
#include "tableforge/host/presence_key.hpp"

namespace tableforge::host {

/// Memory for the turns of one shard's tables, given back and used again.
///
/// Threads: the shard's only.
/// Bounds:  kKept buffers of up to kKeptBytes each are kept; what is larger, or still waits for a slow socket, is let
/// go.
class TurnMemory {
 public:
  static constexpr std::size_t kKept = 64;
  static constexpr std::size_t kKeptBytes = 16 * 1024;

  [[nodiscard]] std::shared_ptr<std::string> take();
  void give_back(std::shared_ptr<std::string> memory);
  /// Where a table puts together one message; valid until any table of the shard does so again.
  [[nodiscard]] std::string &scratch() { return scratch_; }

 private:
  std::vector<std::shared_ptr<std::string>> spare_;
  std::string scratch_;
};

/// What one table says during one turn of its thread, or during several if they bring nothing but presence: every
/// message encoded once, one behind the other, each with who is to have it. Nearly always that is everybody, and then
/// what a member gets is one piece of the memory.
///
/// Threads: the table's shard only.
/// Owns:    its memory, from the first message of a turn to the turn's end; frames that wait longer keep a share.
/// Bounds:  up to 4 GiB; its user ends the turn long before that.
class TurnLog {
 public:
  using MemberId = std::uint64_t;
  /// Puts a message into the frame that sockets want; the gateway brings WebSocket text frames.
  using Framer = void (*)(std::string &out, std::string_view message);

  TurnLog(TurnMemory &spare, Framer framer) : spare_(spare), framer_(framer) {}

  /// To everybody, or to all but a few.
  void say(std::string_view message, std::span<MemberId const> but = {});
  /// To these members alone.
  void tell(std::string_view message, std::span<MemberId const> only);

  // The same for presence, which who is behind may be spared.
  void show(std::string_view message, PresenceKey const &key, std::span<MemberId const> but);
  void show_to(std::string_view message, PresenceKey const &key, std::span<MemberId const> only);

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  /// Whether nothing is in it that must not wait.
  [[nodiscard]] bool only_presence() const { return keys_.size() == entries_.size(); }
  [[nodiscard]] std::size_t bytes() const { return memory_ ? memory_->size() : 0; }
  /// A place behind all that was said so far, for who is to hear only what follows.
  [[nodiscard]] std::uint32_t mark();

  /// Calls f(frame, key) for each piece of what `member` is to have behind the place `from`, in order. What lies side
  /// by side is one piece, except that presence is pieces of its own if `apart`; `key` is null for all else.
  template <class F>
  void each_piece(MemberId member, std::size_t from, bool apart, F &&f) const;

  /// Begins the next turn.
  void clear();
  /// Keeps no memory for a next turn that may be long in coming.
  void let_go();

 private:
  static constexpr std::uint32_t kNoKey = ~std::uint32_t{0};

  struct Entry {
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t count;
    std::uint32_t names_begin;  // In names_: who is left out, or who alone is meant.
    std::uint32_t names_end;
    std::uint32_t key;  // In keys_.
    bool only;

    [[nodiscard]] bool plain() const { return !only && names_begin == names_end && key == kNoKey; }
  };

  void add(std::string_view message, std::span<MemberId const> names, bool only, PresenceKey const *key);
  [[nodiscard]] bool meant_for(Entry const &entry, MemberId member) const;

  TurnMemory &spare_;
  Framer framer_;
  std::shared_ptr<std::string> memory_;
  std::vector<Entry> entries_;
  std::vector<MemberId> names_;
  std::vector<PresenceKey> keys_;
  bool sealed_ = false;  // Somebody listens from here on: the next message must not grow into the last one.
};

template <class F>
void TurnLog::each_piece(MemberId member, std::size_t from, bool apart, F &&f) const {
  Frame piece;
  auto const give = [&](PresenceKey const *key) {
    if (piece.count > 0) f(piece, key);
    piece.count = 0;
  };
  for (std::size_t i = from; i < entries_.size(); ++i) {
    auto const &entry = entries_[i];
    if (!meant_for(entry, member)) continue;
    bool const alone = apart && entry.key != kNoKey;
    if (alone || piece.count == 0 || piece.end != entry.begin) {
      give(nullptr);
      piece = {.memory = memory_, .begin = entry.begin, .end = entry.end, .count = entry.count};
    } else {
      piece.end = entry.end;
      piece.count += entry.count;
    }
    if (alone) give(&keys_[entry.key]);
  }
  give(nullptr);
}

}  // namespace tableforge::host
