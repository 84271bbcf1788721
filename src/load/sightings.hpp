#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "load/card.hpp"
#include "load/json.hpp"

namespace tableforge::load {

using Faces = std::bitset<kCards>;

/// What in a message could give something away.
struct Sightings {
  Faces faces;
  std::vector<std::string> pieces;   ///< Texts that have the form of a piece's id.
  std::vector<std::string> secrets;  ///< Texts that begin with kSecretPrefix.
};

/// How a text begins that is meant for some viewers only, so that it is recognised wherever it turns up.
inline constexpr std::string_view kSecretPrefix = "secret-";

/// Looks through every string and every key of a message, at any depth. A face counts wherever it stands as a word
/// of its own: "Th", "deck/Th", "Th 9c".
Sightings look_through(Json const &message);

/// Card faces that stand in the bytes as whole JSON strings. Finds what parsing would hide, such as the
/// first of two equal keys.
Faces faces_in_bytes(std::string_view bytes);

}  // namespace tableforge::load
