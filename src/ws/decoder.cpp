#include "tableforge/ws/decoder.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "tableforge/ws/utf8.hpp"

namespace tableforge::ws {

namespace {

constexpr std::size_t kStartBytes = 2;
constexpr std::uint8_t kLength16 = 126;  // In place of a length: one of 16 bits follows.
constexpr std::uint8_t kLength64 = 127;  // One of 64 bits follows.

/// The two bytes every frame begins with.
struct FrameStart {
  bool fin;
  bool reserved_bits;
  Opcode opcode;
  bool masked;
  std::uint8_t length;

  FrameStart(char first, char second)
      : fin((first & 0x80) != 0),
        reserved_bits((first & 0x70) != 0),
        opcode(static_cast<Opcode>(first & 0x0f)),
        masked((second & 0x80) != 0),
        length(static_cast<std::uint8_t>(second & 0x7f)) {}

  [[nodiscard]] std::size_t length_bytes() const { return length == kLength64 ? 8 : length == kLength16 ? 2 : 0; }
  [[nodiscard]] std::size_t header_bytes() const {
    return kStartBytes + length_bytes() + (masked ? sizeof(MaskKey) : 0);
  }
};

std::uint64_t read_big_endian(std::span<char const> bytes) {
  std::uint64_t value = 0;
  for (char const byte : bytes) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

std::string_view view(std::span<char const> bytes) { return {bytes.data(), bytes.size()}; }

std::span<char> take_front(std::span<char> &input, std::size_t size) {
  std::span<char> const front = input.first(size);
  input = input.subspan(size);
  return front;
}

}  // namespace

/// What must be kept when the caller takes its buffer back.
struct Decoder::Gathered {
  Frame frame;  // The last one begun; complete when nothing of it is missing.
  bool message_open = false;
  Opcode message_opcode = Opcode::text;
  Utf8Validator validator;
  std::uint8_t control_size = 0;
  std::array<char, kControlBytesMax> control{};  // Apart from the message, because it may come in its midst.
  std::string message;
};

Decoder::Decoder(Side side, std::size_t message_bytes_max)
    : message_bytes_max_(static_cast<std::uint32_t>(
          std::min<std::size_t>(message_bytes_max, std::numeric_limits<std::uint32_t>::max()))),
      side_(side) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder &&) noexcept = default;
Decoder &Decoder::operator=(Decoder &&) noexcept = default;

Step Decoder::next(std::span<char> &input) {
  // The payload of the last step ends its life here, and with it the memory it lay in.
  if (state_ != State::open || (!in_frame() && !in_message())) gathered_.reset();
  if (state_ != State::open) {
    input = input.last(0);
    return state_ == State::failed ? refuse(failure_) : Step{};
  }
  for (;;) {
    if (!in_frame()) {
      Frame frame;
      switch (read_header(input, frame)) {
        case Header::cut: return {};
        case Header::refused: return refuse(failure_);
        case Header::complete: break;
      }
      bool const stands_alone = is_control(frame.opcode) || (frame.fin && frame.opcode != Opcode::continuation);
      if (stands_alone && frame.missing <= input.size()) return take_whole(frame, take_front(input, frame.missing));
      begin_gathering(frame);
    }
    if (!gather_payload(input)) return refuse(kCloseInvalidPayload);
    if (in_frame()) return {};
    Gathered const &gathered = *gathered_;
    if (is_control(gathered.frame.opcode))
      return finish_control(gathered.frame.opcode, {gathered.control.data(), gathered.control_size});
    if (gathered.frame.fin) return finish_message();
  }
}

/// Reads and judges a header, over several calls if need be. The bytes pass through our own few in any case: one path
/// to get right, and fourteen bytes cost nothing.
Decoder::Header Decoder::read_header(std::span<char> &input, Frame &frame) {
  if (!gather_header(input, kStartBytes)) return Header::cut;
  FrameStart const start(header_[0], header_[1]);
  if (!start_allowed()) {
    failure_ = kCloseProtocolError;
    return Header::refused;
  }
  if (!gather_header(input, start.header_bytes())) return Header::cut;
  header_size_ = 0;

  std::span<char const> const rest = std::span(header_).subspan(kStartBytes);
  std::size_t const length_bytes = start.length_bytes();
  std::uint64_t const length = length_bytes == 0 ? start.length : read_big_endian(rest.first(length_bytes));
  bool const minimal = length_bytes == 0 || (length_bytes == 2 ? length >= kLength16 : length > 0xffff);
  if (!minimal || length >> 63 != 0) {
    failure_ = kCloseProtocolError;
    return Header::refused;
  }
  std::size_t const gathered = in_message() ? gathered_->message.size() : 0;
  if (!is_control(start.opcode) && length > message_bytes_max_ - gathered) {
    failure_ = kCloseTooBig;
    return Header::refused;
  }

  frame = {.missing = static_cast<std::size_t>(length), .opcode = start.opcode, .fin = start.fin};
  if (start.masked) std::ranges::copy(rest.subspan(length_bytes, frame.key.size()), frame.key.begin());
  return Header::complete;
}

/// Whether `size` bytes of header are here now.
bool Decoder::gather_header(std::span<char> &input, std::size_t size) {
  if (header_size_ < size) {
    std::span<char> const piece = take_front(input, std::min(size - header_size_, input.size()));
    std::ranges::copy(piece, header_.begin() + header_size_);
    header_size_ = static_cast<std::uint8_t>(header_size_ + piece.size());
  }
  return header_size_ >= size;
}

/// Every rule that the first two bytes can break.
bool Decoder::start_allowed() const {
  FrameStart const start(header_[0], header_[1]);
  if (start.reserved_bits || start.masked != (side_ == Side::server)) return false;
  switch (start.opcode) {
    case Opcode::continuation: return in_message();
    case Opcode::text:
    case Opcode::binary: return !in_message();
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong: return start.fin && start.length <= kControlBytesMax;
  }
  return false;  // A reserved opcode.
}

bool Decoder::in_frame() const { return gathered_ && gathered_->frame.missing > 0; }

bool Decoder::in_message() const { return gathered_ && gathered_->message_open; }

void Decoder::begin_gathering(Frame const &frame) {
  if (!gathered_) gathered_ = std::make_unique<Gathered>();
  gathered_->frame = frame;
  if (is_control(frame.opcode)) {
    gathered_->control_size = 0;
  } else if (frame.opcode != Opcode::continuation) {
    gathered_->message_open = true;
    gathered_->message_opcode = frame.opcode;
  }
}

/// Takes what the input has of the current frame. False if it shows that the text is not UTF-8.
bool Decoder::gather_payload(std::span<char> &input) {
  Gathered &gathered = *gathered_;
  std::span<char> const piece = take_front(input, std::min(gathered.frame.missing, input.size()));
  if (side_ == Side::server) gathered.frame.key = apply_mask(piece, gathered.frame.key);
  gathered.frame.missing -= piece.size();
  if (is_control(gathered.frame.opcode)) {
    std::ranges::copy(piece, gathered.control.begin() + gathered.control_size);
    gathered.control_size = static_cast<std::uint8_t>(gathered.control_size + piece.size());
    return true;
  }
  gathered.message.append(piece.data(), piece.size());
  return gathered.message_opcode != Opcode::text || gathered.validator.feed(view(piece));
}

/// The usual case: the frame is a message by itself, or a control frame, and lies in the input from end to end.
Step Decoder::take_whole(Frame const &frame, std::span<char> payload) {
  if (side_ == Side::server) apply_mask(payload, frame.key);
  if (is_control(frame.opcode)) return finish_control(frame.opcode, view(payload));
  if (frame.opcode == Opcode::binary) return {.kind = Step::Kind::binary, .payload = view(payload)};
  if (!is_utf8(view(payload))) return refuse(kCloseInvalidPayload);
  return {.kind = Step::Kind::text, .payload = view(payload)};
}

Step Decoder::finish_message() {
  gathered_->message_open = false;
  if (gathered_->message_opcode == Opcode::binary) return {.kind = Step::Kind::binary, .payload = gathered_->message};
  if (!gathered_->validator.complete()) return refuse(kCloseInvalidPayload);
  return {.kind = Step::Kind::text, .payload = gathered_->message};
}

Step Decoder::finish_control(Opcode opcode, std::string_view payload) {
  if (opcode == Opcode::close) return finish_close(payload);
  return {.kind = opcode == Opcode::ping ? Step::Kind::ping : Step::Kind::pong, .payload = payload};
}

Step Decoder::finish_close(std::string_view payload) {
  CloseCode code = kCloseNoStatus;
  std::string_view reason;
  if (!payload.empty()) {
    if (payload.size() == 1) return refuse(kCloseProtocolError);
    code = static_cast<CloseCode>(read_big_endian(payload.substr(0, 2)));
    reason = payload.substr(2);
    if (!valid_on_wire(code)) return refuse(kCloseProtocolError);
    if (!is_utf8(reason)) return refuse(kCloseInvalidPayload);
  }
  state_ = State::closed;
  return {.kind = Step::Kind::close, .payload = reason, .close_code = code};
}

Step Decoder::refuse(CloseCode code) {
  gathered_.reset();  // The connection may linger until the peer has read why.
  state_ = State::failed;
  failure_ = code;
  return {.kind = Step::Kind::error, .close_code = code};
}

}  // namespace tableforge::ws
