#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "load/mark.hpp"

namespace tableforge::load {

/// What clients send to servers that only broadcast: a JSON text as long as a small event of ours, in which everything
/// has its place. It may itself stand in a JSON text, with its quotes escaped.
struct BroadcastPayload {
  Mark mark;
  std::uint64_t number = 0;  ///< The sender's so many-th message.
};

inline constexpr std::size_t kPayloadBytes = 120;

enum class PayloadForm : std::uint8_t { plain, escaped };

void append_payload(std::string &out, PayloadForm form, BroadcastPayload payload);
/// Nothing if a single byte is not as append_payload writes it.
std::optional<BroadcastPayload> read_payload(std::string_view text, PayloadForm form);

}  // namespace tableforge::load
