#include "load/broadcast_payload.hpp"

namespace tableforge::load {

namespace {

constexpr std::size_t kNumberDigits = 10;

/// The text around the mark and the number.
struct Frame {
  std::string before;
  std::string between;
  std::string after;
};

Frame frame_with(std::string const &quote) {
  auto const text = [&](std::string const &word) { return quote + word + quote; };
  Frame frame{.before = "{" + text("id") + ":" + quote,
              .between = quote + "," + text("n") + ":" + quote,
              .after = quote + "," + text("text") + ":" + quote};
  // The length is that of the plain form, whatever the quotes.
  auto const plain = std::string(R"({"id":"","n":"","text":""})").size();
  frame.after += std::string(kPayloadBytes - plain - kMarkIdBytes - kNumberDigits, '.') + quote + "}";
  return frame;
}

Frame const &frame_of(PayloadForm form) {
  static Frame const kPlain = frame_with("\"");
  static Frame const kEscaped = frame_with("\\\"");
  return form == PayloadForm::plain ? kPlain : kEscaped;
}

}  // namespace

void append_payload(std::string &out, PayloadForm form, BroadcastPayload payload) {
  auto const &frame = frame_of(form);
  out += frame.before;
  append_mark_id(out, payload.mark);
  out += frame.between;
  char digits[kNumberDigits];
  for (std::size_t i = kNumberDigits; i-- > 0; payload.number /= 10) {
    digits[i] = static_cast<char>('0' + payload.number % 10);
  }
  out.append(digits, kNumberDigits);
  out += frame.after;
}

std::optional<BroadcastPayload> read_payload(std::string_view text, PayloadForm form) {
  auto const &frame = frame_of(form);
  auto const mark_at = frame.before.size();
  auto const number_at = mark_at + kMarkIdBytes + frame.between.size();
  auto const after_at = number_at + kNumberDigits;
  if (text.size() != after_at + frame.after.size()) return std::nullopt;
  if (!text.starts_with(frame.before) || text.substr(after_at) != frame.after ||
      text.substr(mark_at + kMarkIdBytes, frame.between.size()) != frame.between) {
    return std::nullopt;
  }
  auto const mark = parse_mark_id(text.substr(mark_at, kMarkIdBytes));
  if (!mark) return std::nullopt;
  BroadcastPayload payload{.mark = *mark};
  for (char const digit : text.substr(number_at, kNumberDigits)) {
    if (digit < '0' || digit > '9') return std::nullopt;
    payload.number = payload.number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return payload;
}

}  // namespace tableforge::load
