#include "tableforge/ws/encoder.hpp"

#include <array>
#include <cstdint>
#include <span>

#include "tableforge/base/check.hpp"

namespace tableforge::ws {

namespace {

constexpr std::uint8_t kFin = 0x80;
constexpr std::uint8_t kMasked = 0x80;

void append_big_endian(std::string &out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

void append_start(std::string &out, Opcode opcode, std::size_t payload_bytes, std::uint8_t mask_bit) {
  TF_CHECK(!is_control(opcode) || payload_bytes <= kControlBytesMax);
  out += static_cast<char>(kFin | static_cast<std::uint8_t>(opcode));
  switch (header_bytes(payload_bytes)) {
    case 2: out += static_cast<char>(mask_bit | payload_bytes); break;
    case 4:
      out += static_cast<char>(mask_bit | 126);
      append_big_endian(out, payload_bytes, 2);
      break;
    default:
      out += static_cast<char>(mask_bit | 127);
      append_big_endian(out, payload_bytes, 8);
      break;
  }
}

/// The longest beginning of at most `bytes_max` that does not end inside a character.
std::string_view clip(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t size = bytes_max;
  while (size > 0 && (static_cast<std::uint8_t>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

/// Two bytes of code and the reason.
class ClosePayload {
 public:
  ClosePayload(CloseCode code, std::string_view reason) {
    if (code == kCloseNoStatus) return;
    TF_CHECK(valid_on_wire(code));
    bytes_[0] = static_cast<char>(code >> 8);
    bytes_[1] = static_cast<char>(code & 0xff);
    std::string_view const clipped = clip(reason, kControlBytesMax - 2);
    clipped.copy(bytes_.data() + 2, clipped.size());
    size_ = 2 + clipped.size();
  }
  [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, kControlBytesMax> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace

void append_header(std::string &out, Opcode opcode, std::size_t payload_bytes) {
  append_start(out, opcode, payload_bytes, 0);
}

void append_frame(std::string &out, Opcode opcode, std::string_view payload) {
  append_header(out, opcode, payload.size());
  out += payload;
}

void append_masked_frame(std::string &out, Opcode opcode, std::string_view payload, MaskKey key) {
  append_start(out, opcode, payload.size(), kMasked);
  out.append(key.data(), key.size());
  std::size_t const start = out.size();
  out += payload;
  apply_mask(std::span(out).subspan(start), key);
}

void append_close(std::string &out, CloseCode code, std::string_view reason) {
  append_frame(out, Opcode::close, ClosePayload(code, reason).view());
}

void append_masked_close(std::string &out, CloseCode code, std::string_view reason, MaskKey key) {
  append_masked_frame(out, Opcode::close, ClosePayload(code, reason).view(), key);
}

}  // namespace tableforge::ws
