#pragma once

#include <cstddef>
#include <cstdint>

namespace tableforge::table {

// Bounds of one table. Each is what a generous game needs with room to spare; together they bound a table's memory.
inline constexpr std::size_t kSeatsMax = 12;
inline constexpr std::size_t kPlayersMax = 512;  ///< Everybody who ever joined, spectators included.
inline constexpr std::size_t kZonesMax = 256;
inline constexpr std::size_t kPiecesMax = 10'000;
inline constexpr std::size_t kCountersMax = 512;
inline constexpr std::size_t kChatLinesKept = 50;

// Bounds of one action.
inline constexpr std::int64_t kPiecesPerActionMax = 512;
inline constexpr std::int64_t kZonesPerDealMax = 64;
inline constexpr std::int64_t kAudienceMax = 512;

// Bounds of texts, in characters.
inline constexpr std::int64_t kNameMax = 64;  ///< Tables, players, ids of zones, seats and counters, phases.
inline constexpr std::int64_t kFaceMax = 64;  ///< Faces and backs: names of pictures, not pictures.
inline constexpr std::int64_t kLabelMax = 256;
inline constexpr std::int64_t kChatMax = 2'000;
inline constexpr std::int64_t kNotationMax = 256;
inline constexpr std::int64_t kReasonMax = 256;

/// Integers travel as JSON numbers, which everybody reads exactly up to here.
inline constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;

/// How many action ids of one client a table remembers, and how many clients. The least recently used client goes
/// first.
inline constexpr std::size_t kActionsRemembered = 256;
inline constexpr std::size_t kClientsRemembered = 1'024;

}  // namespace tableforge::table
