#include "load/event_scanner.hpp"

#include <cstring>

namespace tableforge::load {

namespace {

constexpr std::size_t kUuidBytes = 36;
constexpr std::size_t kTimeBytes = 27;  // 2026-01-31T12:34:56.123456Z

/// A place in a message, which moves on over what is expected there.
class Reader {
 public:
  explicit Reader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  template <std::size_t N>
  bool eat(char const (&literal)[N]) {
    constexpr std::size_t size = N - 1;
    if (left() < size || std::memcmp(at_, literal, size) != 0) return false;
    at_ += size;
    return true;
  }

  bool skip(std::size_t size) {
    if (left() < size) return false;
    at_ += size;
    return true;
  }

  /// Up to the quote that ends a text. Nothing if there is an escape in it.
  std::optional<std::string_view> text() {
    auto const *const quote = static_cast<char const *>(std::memchr(at_, '"', left()));
    if (quote == nullptr) return std::nullopt;
    std::string_view const found(at_, static_cast<std::size_t>(quote - at_));
    if (std::memchr(found.data(), '\\', found.size()) != nullptr) return std::nullopt;
    at_ = quote + 1;
    return found;
  }

  /// Plain digits, and not so many that they could overflow.
  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    char const *const first = at_;
    while (at_ < end_ && *at_ >= '0' && *at_ <= '9') value = value * 10 + static_cast<std::uint64_t>(*at_++ - '0');
    if (at_ == first || at_ - first > 18) return std::nullopt;
    return value;
  }

 private:
  [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  char const *at_;
  char const *end_;
};

Scan scan_presence(Reader reader) {
  if (!reader.skip(kUuidBytes) || !reader.eat("\",\"data\":{\"")) return {};
  if (reader.eat("online\":")) return {.kind = Scan::Kind::online};
  if (!reader.eat("cursor\":[")) return {};
  auto const x = reader.number();
  if (!x || !reader.eat(",")) return {};
  auto const y = reader.number();
  if (!y || !reader.eat("]")) return {};
  return {.kind = Scan::Kind::presence, .mark = mark_of_cursor(*x, *y)};
}

Scan scan_event(Reader reader) {
  auto const ev = reader.text();
  // The state within is a list of events, of which the splitting of arrays must be told.
  if (!ev || *ev == "table.created" || !reader.eat(",\"seq\":")) return {};
  auto const seq = reader.number();
  if (!seq) return {};
  Scan found{.kind = Scan::Kind::event, .seq = *seq};
  if (*ev == "skip") return reader.eat("}") ? found : Scan{};
  if (!reader.eat(",\"at\":\"") || !reader.skip(kTimeBytes) || !reader.eat("\",\"by\":")) return {};
  if (!reader.eat("null") && !(reader.eat("\"") && reader.skip(kUuidBytes) && reader.eat("\""))) return {};
  if (reader.eat(",\"data\":")) return found;
  if (!reader.eat(",\"id\":\"")) return {};
  auto const id = reader.text();
  if (!id || !reader.eat(",\"client\":\"")) return {};
  found.id = *id;
  found.mark = parse_mark_id(*id);
  return found;
}

}  // namespace

Scan scan(std::string_view message) {
  Reader reader(message);
  if (!reader.eat("{\"ev\":\"")) return {};
  if (reader.eat("presence\",\"by\":\"")) return scan_presence(reader);
  return scan_event(reader);
}

std::optional<std::string_view> next_message(std::string_view &rest) {
  if (rest.empty() || rest == "]") return std::nullopt;
  bool const begins = rest.front() == '[';
  if (!begins && rest.front() != ',') {  // A message by itself.
    auto const whole = rest;
    rest = {};
    return whole;
  }
  rest.remove_prefix(1);
  constexpr std::string_view kNext = "{\"ev\":\"";
  // Braces are rare, quotes are not: from one to the next, and look around it.
  for (auto at = rest.find('{', 1); at != std::string_view::npos; at = rest.find('{', at + 1)) {
    if (rest[at - 1] != ',' || at < 2 || rest[at - 2] != '}' || !rest.substr(at).starts_with(kNext)) continue;
    auto const message = rest.substr(0, at - 1);
    rest.remove_prefix(at - 1);
    return message;
  }
  // The last element, if the array is closed; else something that nobody writes, and it is shown whole.
  bool const closed = rest.ends_with(']');
  auto const message = rest.substr(0, rest.size() - (closed ? 1 : 0));
  rest = {};
  if (message.empty()) return std::nullopt;
  return message;
}

}  // namespace tableforge::load
