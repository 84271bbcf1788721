#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "tableforge/base/ids.hpp"
#include "tableforge/base/uuid.hpp"

namespace tableforge::relay {

/// The other instances at one table, as far as they have been heard of, and who is connected to them.
///
/// An instance is there from its first greeting to its farewell, or until it has not been heard for a while: one that
/// was killed says nothing.
///
/// Threads: the shard's.
/// Owns:    a list for each instance; nothing while there is none.
/// Bounds:  kInstancesMax instances, kOnlineMax players each; what is beyond is not taken notice of.
/// Errors:  none; pure, it is handed the time.
class Company {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kInstancesMax = 64;
  static constexpr std::size_t kOnlineMax = 1'024;

  /// Whose being online elsewhere is another than before.
  struct Change {
    std::vector<PlayerId> came{};
    std::vector<PlayerId> left{};
    bool first_heard = false;   ///< Of that instance.
    std::size_t forgotten = 0;  ///< Instances that were not heard any more.
  };

  /// `online` is all who are connected to it, in place of what was known.
  Change greeted(Uuid const &instance, std::vector<PlayerId> online, Clock::time_point now);
  Change parted(Uuid const &instance);
  /// Nothing from an instance that has not greeted: what it says is not all of it.
  Change came(Uuid const &instance, PlayerId player);
  Change left(Uuid const &instance, PlayerId player);
  /// Those that were last heard before `oldest` are gone.
  Change forget(Clock::time_point oldest);
  /// A sign of life that changes nothing else.
  void heard(Uuid const &instance, Clock::time_point now);

  [[nodiscard]] bool empty() const { return others_.empty(); }
  [[nodiscard]] std::size_t size() const { return others_.size(); }
  [[nodiscard]] bool knows(Uuid const &instance) const;
  [[nodiscard]] bool online(PlayerId player) const;

 private:
  struct Other {
    Uuid instance;
    Clock::time_point heard_at;
    std::vector<PlayerId> online;
  };

  Other *find(Uuid const &instance);
  [[nodiscard]] std::vector<PlayerId> online_of(Uuid const &instance) const;
  /// Of an instance that is known.
  Change replace(Uuid const &instance, std::vector<PlayerId> online);

  std::vector<Other> others_;
};

}  // namespace tableforge::relay
