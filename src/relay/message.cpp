#include "relay/message.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <type_traits>
#include <utility>

namespace tableforge::relay {

namespace {

/// Two letters and the version. Another version has other bytes here, and is not understood: instances of two versions
/// serve one table all the same, at the pace of looking.
constexpr std::string_view kBegin = "TR\x01";
constexpr std::size_t kKindAt = kBegin.size();
constexpr std::size_t kSenderAt = kKindAt + 1;
constexpr std::size_t kHeadBytes = kSenderAt + sizeof(Uuid::bytes);

/// As far as numbers in JSON are exact, which is where all seqs are.
constexpr Seq kSeqMax = (Seq{1} << 53) - 1;

constexpr std::uint8_t kHasCursor = 1;
constexpr std::uint8_t kHasDrag = 2;
constexpr std::uint8_t kHasTyping = 4;
constexpr std::uint8_t kIsTyping = 8;

static_assert(std::endian::native == std::endian::little, "numbers travel as they lie in memory here");

class Writer {
 public:
  template <class T>
    requires std::is_arithmetic_v<T>
  void put(T number) {
    auto const bytes = std::bit_cast<std::array<char, sizeof(T)>>(number);
    out.append(bytes.data(), bytes.size());
  }
  void put(Uuid const &uuid) { out.append(reinterpret_cast<char const *>(uuid.bytes.data()), uuid.bytes.size()); }
  void put(PlayerId player) { put(player.value); }

  std::string out;
};

/// Takes from the front; past the end everything is zero, and failed() tells.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
    requires std::is_arithmetic_v<T>
  T take() {
    std::array<char, sizeof(T)> bytes{};
    copy(bytes.data(), bytes.size());
    return std::bit_cast<T>(bytes);
  }
  Uuid take_uuid() {
    Uuid uuid;
    copy(reinterpret_cast<char *>(uuid.bytes.data()), uuid.bytes.size());
    return uuid;
  }
  PlayerId take_player() { return PlayerId(take_uuid()); }
  double take_finite() {
    auto const number = take<double>();
    failed_ = failed_ || !std::isfinite(number);
    return number;
  }
  std::string_view take_rest() { return std::exchange(rest_, {}); }

  void refuse_if(bool wrong) { failed_ = failed_ || wrong; }
  [[nodiscard]] std::size_t left() const { return rest_.size(); }
  [[nodiscard]] bool ended_well() const { return !failed_ && rest_.empty(); }

 private:
  void copy(char *to, std::size_t size) {
    if (rest_.size() < size) {
      failed_ = true;
      rest_ = {};
      return;
    }
    std::copy_n(rest_.data(), size, to);
    rest_.remove_prefix(size);
  }

  std::string_view rest_;
  bool failed_ = false;
};

void write(Writer &out, Greeting const &greeting) {
  out.put(static_cast<std::uint8_t>(greeting.asks));
  out.put(std::uint64_t{greeting.seq});
  for (auto const player : greeting.online) out.put(player);
}
void write(Writer &, Farewell const &) {}
void write(Writer &out, Came const &came) { out.put(came.player); }
void write(Writer &out, Left const &left) { out.put(left.player); }
void write(Writer &out, Committed const &committed) {
  out.put(std::uint64_t{committed.row.first_seq});
  out.put(committed.row.n);
  out.put(std::int64_t{committed.row.at.time_since_epoch().count()});
  out.put(std::int64_t{committed.told_at.time_since_epoch().count()});
  if (committed.row.body.size() <= kBodyBytesMax) out.out.append(committed.row.body);
}
void write(Writer &out, Showed const &showed) {
  auto const &[cursor, drag, typing] = showed.presence;
  out.put(showed.player);
  out.put(static_cast<std::uint8_t>((cursor ? kHasCursor : 0) | (drag ? kHasDrag : 0) | (typing ? kHasTyping : 0) |
                                    (typing.value_or(false) ? kIsTyping : 0)));
  if (cursor) {
    out.put((*cursor)[0]);
    out.put((*cursor)[1]);
  }
  if (drag) {
    out.put(drag->piece.value);
    out.put(drag->x);
    out.put(drag->y);
  }
}

Greeting read_greeting(Reader &in) {
  auto const asks = in.take<std::uint8_t>();
  Greeting greeting{.asks = asks == 1, .seq = in.take<std::uint64_t>(), .online = {}};
  in.refuse_if(asks > 1 || greeting.seq > kSeqMax);
  // What is left then makes the whole refused.
  if (in.left() / sizeof(Uuid::bytes) > kOnlineMax) return greeting;
  greeting.online.reserve(in.left() / sizeof(Uuid::bytes));
  while (in.left() > 0) greeting.online.push_back(in.take_player());
  return greeting;
}

Committed read_committed(Reader &in) {
  Committed committed;
  committed.row.first_seq = in.take<std::uint64_t>();
  committed.row.n = in.take<std::uint32_t>();
  committed.row.at = Time(std::chrono::microseconds(in.take<std::int64_t>()));
  committed.told_at = Time(std::chrono::microseconds(in.take<std::int64_t>()));
  committed.row.body = std::string(in.take_rest());
  in.refuse_if(committed.row.first_seq == 0 || committed.row.n == 0 || committed.row.first_seq > kSeqMax ||
               committed.row.body.size() > kBodyBytesMax);
  return committed;
}

Showed read_showed(Reader &in) {
  Showed showed;
  showed.player = in.take_player();
  auto const has = in.take<std::uint8_t>();
  in.refuse_if((has & ~(kHasCursor | kHasDrag | kHasTyping | kIsTyping)) != 0 || has == 0);
  in.refuse_if((has & kIsTyping) != 0 && (has & kHasTyping) == 0);
  if ((has & kHasCursor) != 0) {
    double const x = in.take_finite();
    showed.presence.cursor = protocol::Point{x, in.take_finite()};
  }
  if ((has & kHasDrag) != 0) {
    auto const piece = PieceId(in.take<std::uint64_t>());
    double const x = in.take_finite();
    showed.presence.drag = protocol::Drag{.piece = piece, .x = x, .y = in.take_finite()};
  }
  if ((has & kHasTyping) != 0) showed.presence.typing = (has & kIsTyping) != 0;
  return showed;
}

std::optional<Content> read_content(std::uint8_t kind, Reader &in) {
  switch (kind) {
    case 0: return read_greeting(in);
    case 1: return Farewell{};
    case 2: return Came{in.take_player()};
    case 3: return Left{in.take_player()};
    case 4: return read_committed(in);
    case 5: return read_showed(in);
    default: return std::nullopt;
  }
}
static_assert(std::variant_size_v<Content> == 6);

}  // namespace

std::string encode(Message const &message) {
  Writer out;
  out.out.reserve(kHeadBytes + 64);
  out.out.append(kBegin);
  out.put(static_cast<std::uint8_t>(message.content.index()));
  out.put(message.sender);
  std::visit([&](auto const &content) { write(out, content); }, message.content);
  return std::move(out.out);
}

std::optional<Uuid> sender_of(std::string_view bytes) {
  if (bytes.size() < kHeadBytes || !bytes.starts_with(kBegin)) return std::nullopt;
  return Reader(bytes.substr(kSenderAt)).take_uuid();
}

std::optional<Message> decode(std::string_view bytes) {
  auto const sender = sender_of(bytes);
  if (!sender || bytes.size() > kMessageBytesMax) return std::nullopt;
  Reader in(bytes.substr(kHeadBytes));
  auto content = read_content(static_cast<std::uint8_t>(bytes[kKindAt]), in);
  if (!content || !in.ended_well()) return std::nullopt;
  return Message{.sender = *sender, .content = std::move(*content)};
}

}  // namespace tableforge::relay
