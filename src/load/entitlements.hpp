#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/ids.hpp"

#include "load/card.hpp"

namespace tableforge::load {

/// Which viewer may know which card from which event on: the truth that all received bytes are held against.
///
/// It is kept by seq and not by time, so that a replay of old events is judged as they were: a card that is shown at
/// the end of a hand may not appear in an earlier event of it, however late that event arrives.
///
/// Threads: one.
class Entitlements {
 public:
  explicit Entitlements(std::size_t viewers);

  /// From the event `from` on, until the next end_open().
  void grant(std::size_t viewer, std::string_view face, Seq from);
  void grant_all(std::string_view face, Seq from);
  /// From the event `from` on, every card, for good: the dealer who has looked through the deck.
  void grant_everything(std::size_t viewer, Seq from);
  /// The cards are back in the deck: at `until` and later, nothing of what was granted holds.
  void end_open(Seq until);

  [[nodiscard]] bool may_know(std::size_t viewer, Card card, Seq seq) const;

  /// A text that these viewers may read, and nobody else.
  void share_secret(std::string text, std::vector<std::size_t> viewers);
  [[nodiscard]] bool may_read(std::size_t viewer, std::string const &secret) const;

 private:
  static constexpr Seq kOpen = std::numeric_limits<Seq>::max();
  struct Span {
    Seq from = 0;
    Seq until = kOpen;
  };
  struct Viewer {
    std::array<std::vector<Span>, kCards> cards;
    Seq everything_from = kOpen;
  };

  std::vector<Viewer> viewers_;
  std::map<std::string, std::vector<std::size_t>> secrets_;
};

}  // namespace tableforge::load
