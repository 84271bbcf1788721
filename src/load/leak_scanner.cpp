#include "load/leak_scanner.hpp"

#include <utility>

namespace tableforge::load {

LeakScanner::LeakScanner(Entitlements const &entitlements, std::size_t viewer)
    : entitlements_(entitlements), viewer_(viewer) {}

std::vector<std::string> LeakScanner::scan(Json const &message, Seq seq) {
  std::vector<std::string> leaks;
  auto const seen = look_through(message);
  for (Card card = 0; seen.faces.any() && card < kCards; ++card) {
    if (seen.faces.test(card) && !entitlements_.may_know(viewer_, card, seq)) {
      leaks.push_back("the face " + face_of(card) + " at seq " + std::to_string(seq));
    }
  }
  for (auto const &piece : seen.pieces) {
    auto const at = retired_.find(piece);
    if (at != retired_.end() && at->second < seq) {
      leaks.push_back("the id " + piece + ", gone since seq " + std::to_string(at->second) + ", at seq " +
                      std::to_string(seq));
    }
  }
  for (auto const &secret : seen.secrets) {
    if (!entitlements_.may_read(viewer_, secret))
      leaks.push_back("a whisper between others at seq " + std::to_string(seq));
  }
  return leaks;
}

std::vector<std::string> LeakScanner::scan_bytes(std::string_view bytes, Json const &parsed) {
  std::vector<std::string> leaks;
  auto const written = faces_in_bytes(bytes);
  if (written.none()) return leaks;
  auto const hidden = written & ~look_through(parsed).faces;
  for (Card card = 0; hidden.any() && card < kCards; ++card) {
    if (hidden.test(card)) leaks.push_back("the face " + face_of(card) + " in bytes that parsing drops");
  }
  return leaks;
}

void LeakScanner::retire(std::string piece, Seq seq) { retired_.try_emplace(std::move(piece), seq); }

}  // namespace tableforge::load
