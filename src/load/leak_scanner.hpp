#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tableforge/base/ids.hpp"

#include "load/entitlements.hpp"
#include "load/json.hpp"
#include "load/sightings.hpp"

namespace tableforge::load {

/// Holds everything one viewer receives against what that viewer may know.
///
/// Beside faces it watches ids. A piece gets a new one whenever it leaves the viewer's sight and whenever it is
/// shuffled; an id that was retired so and turns up in a later event lets the viewer follow a card that should be lost
/// among others.
///
/// Threads: one.
class LeakScanner {
 public:
  LeakScanner(Entitlements const &entitlements, std::size_t viewer);

  /// Looks through one message that tells of the table at `seq`; returns what it gives away, in words.
  [[nodiscard]] std::vector<std::string> scan(Json const &message, Seq seq);
  /// Compares bytes with what parsing made of them: returns the faces that only the bytes show.
  [[nodiscard]] static std::vector<std::string> scan_bytes(std::string_view bytes, Json const &parsed);
  /// From the next event on, this id means nothing to the viewer any more.
  void retire(std::string piece, Seq seq);

 private:
  Entitlements const &entitlements_;
  std::size_t viewer_;
  std::unordered_map<std::string, Seq> retired_;
};

}  // namespace tableforge::load
