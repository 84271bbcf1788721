#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tableforge::load {

/// A card of the 52, as a number.
using Card = std::uint8_t;

inline constexpr std::size_t kCards = 52;
inline constexpr std::string_view kRanks = "23456789TJQKA";
inline constexpr std::string_view kSuits = "cdhs";

/// Reads a face as the system `cards-52` writes it: "Th".
constexpr std::optional<Card> parse_card(std::string_view face) {
  if (face.size() != 2) return std::nullopt;
  auto const rank = kRanks.find(face[0]);
  auto const suit = kSuits.find(face[1]);
  if (rank == std::string_view::npos || suit == std::string_view::npos) return std::nullopt;
  return static_cast<Card>(rank * kSuits.size() + suit);
}

inline std::string face_of(Card card) { return {kRanks[card / kSuits.size()], kSuits[card % kSuits.size()]}; }

}  // namespace tableforge::load
