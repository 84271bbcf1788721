#pragma once

#include <array>
#include <span>

namespace tableforge::ws {

/// The four bytes a client masks a frame with, in the order in which they stand on the wire.
using MaskKey = std::array<char, 4>;

/// Masks or unmasks in place; the two are the same. Returns the key for the bytes that follow, so that a payload
/// may be worked through in pieces of any size.
MaskKey apply_mask(std::span<char> bytes, MaskKey key);

}  // namespace tableforge::ws
