#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/ws/decoder.hpp"

/// Streams of frames for the tests, written by hand and not by the encoder, so that neither judges itself.
namespace tableforge::ws::test {

using Kind = Step::Kind;

inline constexpr MaskKey kKey = {'\x37', '\xfa', '\x21', '\x3d'};
inline constexpr std::size_t kMessageBytesMax = 1 << 20;

/// A literal with zero bytes in it.
template <std::size_t N>
std::string bytes(char const (&literal)[N]) {
  return {literal, N - 1};
}

/// One frame. `first` is the first byte as it stands: FIN, reserved bits, opcode.
inline std::string frame(unsigned first, std::string_view payload, std::optional<MaskKey> key = kKey) {
  std::string out(1, static_cast<char>(first));
  unsigned const mask_bit = key ? 0x80 : 0;
  std::size_t const size = payload.size();
  int length_bytes = 0;
  if (size < 126) {
    out += static_cast<char>(mask_bit | size);
  } else if (size < 65536) {
    out += static_cast<char>(mask_bit | 126);
    length_bytes = 2;
  } else {
    out += static_cast<char>(mask_bit | 127);
    length_bytes = 8;
  }
  for (int i = length_bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i));
  if (key) out.append(key->data(), key->size());
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(key ? payload[i] ^ (*key)[i % 4] : payload[i]);
  return out;
}

/// A header that announces `size` in a length field of `length_bytes` (0, 2 or 8), masked, without a payload.
inline std::string announce(unsigned first, std::uint64_t size, int length_bytes) {
  std::string out(1, static_cast<char>(first));
  std::uint64_t const short_length = length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127;
  out += static_cast<char>(0x80U | short_length);
  for (int i = length_bytes - 1; i >= 0; --i) out += static_cast<char>(size >> (8 * i));
  return out.append(kKey.data(), kKey.size());
}

inline std::string close_payload(unsigned code, std::string_view reason = "") {
  std::string out{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return out.append(reason);
}

/// A step whose payload has been copied out.
struct Seen {
  Kind kind = Kind::need_more;
  std::string payload{};
  CloseCode close_code = 0;

  bool operator==(Seen const &) const = default;
};

inline std::ostream &operator<<(std::ostream &out, Seen const &seen) {
  return out << "kind " << static_cast<int>(seen.kind) << " code " << seen.close_code << " \"" << seen.payload << '"';
}

inline Seen error(CloseCode code) { return {.kind = Kind::error, .payload = "", .close_code = code}; }

/// Hands one piece to the decoder in a buffer of exactly its size, and takes that buffer away afterwards: what the
/// decoder reads beyond it or keeps of it is for the address sanitizer to see, or turns the result wrong.
inline void feed(Decoder &decoder, std::string_view piece, std::vector<Seen> &seen) {
  auto buffer = std::make_unique<char[]>(piece.size());
  piece.copy(buffer.get(), piece.size());
  std::span<char> input(buffer.get(), piece.size());
  for (;;) {
    Step const step = decoder.next(input);
    if (step.kind == Kind::need_more) break;
    seen.push_back({step.kind, std::string(step.payload), step.close_code});
    if (step.kind == Kind::error) break;
  }
  for (std::size_t i = 0; i < piece.size(); ++i) buffer[i] = '\x5a';
}

/// What a fresh decoder sees in a stream that arrives in pieces which end at `cuts` (ascending).
inline std::vector<Seen> decode(std::string_view stream, std::vector<std::size_t> const &cuts = {},
                                Side side = Side::server, std::size_t message_bytes_max = kMessageBytesMax) {
  Decoder decoder(side, message_bytes_max);
  std::vector<Seen> seen;
  std::size_t start = 0;
  auto const broken = [&seen] { return !seen.empty() && seen.back().kind == Kind::error; };
  for (std::size_t const cut : cuts) {
    if (broken()) return seen;
    feed(decoder, stream.substr(start, cut - start), seen);
    start = cut;
  }
  if (!broken()) feed(decoder, stream.substr(start), seen);
  return seen;
}

inline std::vector<std::size_t> every_byte(std::size_t size) {
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < size; ++i) cuts.push_back(i);
  return cuts;
}

}  // namespace tableforge::ws::test
