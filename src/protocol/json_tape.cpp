#include "protocol/json_tape.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

namespace tableforge::protocol {

namespace {

constexpr std::uint64_t every_byte(std::uint8_t byte) { return 0x0101'0101'0101'0101U * byte; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Skips what a text may hold as it stands and in one byte: ASCII but quotes, backslashes and control characters.
char const *skip_plain(char const *at, char const *end) {
  if constexpr (std::endian::native == std::endian::little) {
    // The top bit of each byte says whether it is special. A subtraction's borrow can only spoil bytes above one that
    // is special itself, and the lowest is the first in the text.
    for (std::uint64_t word = 0; end - at >= std::ptrdiff_t{sizeof word}; at += sizeof word) {
      std::memcpy(&word, at, sizeof word);
      auto const quotes = (word ^ every_byte('"')) - every_byte(1);
      auto const slashes = (word ^ every_byte('\\')) - every_byte(1);
      auto const special = (word | quotes | slashes | (word - every_byte(0x20))) & every_byte(0x80);
      if (special != 0) return at + std::countr_zero(special) / 8;
    }
  }
  for (; at != end; ++at) {
    auto const c = static_cast<unsigned char>(*at);
    if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') break;
  }
  return at;
}

/// Skips one character of several bytes; nullptr if it is not well formed (Unicode standard, table 3-7).
char const *skip_character(char const *at, char const *end) {
  auto const lead = static_cast<unsigned char>(*at++);
  if (lead < 0xc2 || lead > 0xf4) return nullptr;
  std::ptrdiff_t const more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  if (end - at < more) return nullptr;
  // Narrower after some leads: overlong forms (E0, F0), surrogates (ED), beyond U+10FFFF (F4).
  unsigned char const low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned char const high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  auto const second = static_cast<unsigned char>(*at);
  if (second < low || second > high) return nullptr;
  for (std::ptrdiff_t i = 1; i < more; ++i) {
    if ((static_cast<unsigned char>(at[i]) & 0xc0) != 0x80) return nullptr;
  }
  return at + more;
}

char *put_character(char *out, std::uint32_t point) {
  auto const byte = [&](std::uint32_t bits) { *out++ = static_cast<char>(bits); };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xc0 | point >> 6);
    byte(0x80 | (point & 0x3f));
  } else if (point < 0x1'0000) {
    byte(0xe0 | point >> 12);
    byte(0x80 | (point >> 6 & 0x3f));
    byte(0x80 | (point & 0x3f));
  } else {
    byte(0xf0 | point >> 18);
    byte(0x80 | (point >> 12 & 0x3f));
    byte(0x80 | (point >> 6 & 0x3f));
    byte(0x80 | (point & 0x3f));
  }
  return out;
}

/// Of a number other than 0 that no double comes near: whether it is too small, and not too large.
bool vanishes(std::string_view number) {
  auto const e = number.find_first_of("eE");
  auto const mantissa = number.substr(0, e);
  auto const point = std::min(mantissa.find('.'), mantissa.size());
  // How far left of the point its first digit stands. Only the sign of the sum matters, for it is far from 0.
  auto const power = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(mantissa.find_first_of("123456789"));
  constexpr auto kHuge = std::numeric_limits<std::int64_t>::max() / 2;
  std::int64_t exponent = 0;
  if (e != std::string_view::npos) {
    auto digits = number.substr(e + 1);
    bool const negative = digits.front() == '-';
    if (negative || digits.front() == '+') digits.remove_prefix(1);
    auto const read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (read.ec != std::errc() || exponent > kHuge) exponent = kHuge;
    if (negative) exponent = -exponent;
  }
  return power + exponent < 0;
}

}  // namespace

/// One scan: where it stands in the text and on the tape. Each step leaves `at_` behind what it took, or returns false.
class JsonScan {
 public:
  JsonScan(JsonTape &tape, std::string_view text, std::size_t nesting_max)
      : tape_(tape),
        at_(text.data()),
        end_(text.data() + text.size()),
        size_(text.size()),
        nesting_left_(nesting_max),
        node_(tape.nodes_.get()) {}

  bool document() {
    if (std::string_view(at_, size_).starts_with("\xef\xbb\xbf")) at_ += 3;
    skip_space();
    if (!value()) return false;
    skip_space();
    return at_ == end_;
  }

 private:
  using Kind = JsonNode::Kind;

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) {
    if (!std::string_view(at_, end_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  JsonNode &put(Kind kind) {
    auto &node = *node_++;
    node.kind_ = kind;
    node.nodes_ = 1;
    return node;
  }

  bool value() {
    if (at_ == end_) return false;
    switch (*at_) {
      case '{': return object();
      case '[': return list();
      case '"': return text();
      case 't': put(Kind::boolean).value_.boolean = true; return take_word("true");
      case 'f': put(Kind::boolean).value_.boolean = false; return take_word("false");
      case 'n': put(Kind::null); return take_word("null");
      default: return number();
    }
  }

  bool object() {
    return nested(Kind::object, '}', [this] {
      if (at_ == end_ || *at_ != '"' || !text()) return false;
      skip_space();
      if (!take(':')) return false;
      skip_space();
      return value();
    });
  }

  bool list() {
    return nested(Kind::list, ']', [this] { return value(); });
  }

  template <class Item>
  bool nested(Kind kind, char closing, Item item) {
    if (nesting_left_-- == 0) return false;
    auto &node = put(kind);
    std::uint32_t items = 0;
    ++at_;
    skip_space();
    if (!take(closing)) {
      do {
        skip_space();
        if (!item()) return false;
        ++items;
        skip_space();
      } while (take(','));
      if (!take(closing)) return false;
    }
    node.size_ = items;
    node.nodes_ = static_cast<std::uint32_t>(node_ - &node);
    ++nesting_left_;
    return true;
  }

  bool text() {
    auto const *const begin = ++at_;
    at_ = skip_plain(at_, end_);
    while (at_ != end_ && static_cast<unsigned char>(*at_) >= 0x80) {
      at_ = skip_character(at_, end_);
      if (at_ == nullptr) return false;
      at_ = skip_plain(at_, end_);
    }
    if (at_ == end_) return false;
    if (*at_ == '\\') return text_with_escapes(begin);
    put_text(begin, at_);
    return take('"');
  }

  void put_text(char const *begin, char const *end) {
    auto &node = put(Kind::text);
    node.value_.chars = begin;
    node.size_ = static_cast<std::uint32_t>(end - begin);
  }

  /// The same from the first escape on, with what was plain before it.
  bool text_with_escapes(char const *plain) {
    if (unescaped_ == nullptr) {
      // Nothing grows by being unescaped, so all texts of this document will fit.
      if (tape_.unescaped_capacity_ < size_) {
        tape_.unescaped_capacity_ = std::bit_ceil(size_);
        tape_.unescaped_ = std::make_unique_for_overwrite<char[]>(tape_.unescaped_capacity_);
      }
      unescaped_ = tape_.unescaped_.get();
    }
    auto const *const begin = unescaped_;
    for (;;) {
      auto const bytes = static_cast<std::size_t>(at_ - plain);
      std::memcpy(unescaped_, plain, bytes);
      unescaped_ += bytes;
      if (at_ == end_) return false;
      if (*at_ == '"') break;
      if (*at_ == '\\') {
        if (!escape()) return false;
        plain = at_;
      } else if (static_cast<unsigned char>(*at_) >= 0x80) {
        plain = at_;
        at_ = skip_character(at_, end_);
        if (at_ == nullptr) return false;
      } else {
        return false;
      }
      at_ = skip_plain(at_, end_);
    }
    ++at_;
    put_text(begin, unescaped_);
    return true;
  }

  bool escape() {
    ++at_;
    if (at_ == end_) return false;
    char const c = *at_++;
    switch (c) {
      case '"':
      case '\\':
      case '/': *unescaped_++ = c; return true;
      case 'b': *unescaped_++ = '\b'; return true;
      case 'f': *unescaped_++ = '\f'; return true;
      case 'n': *unescaped_++ = '\n'; return true;
      case 'r': *unescaped_++ = '\r'; return true;
      case 't': *unescaped_++ = '\t'; return true;
      case 'u': break;
      default: return false;
    }
    std::uint32_t point = 0;
    if (!hex4(point)) return false;
    if (point >= 0xdc00 && point < 0xe000) return false;
    if (point >= 0xd800 && point < 0xdc00) {
      std::uint32_t low = 0;
      if (!take('\\') || !take('u') || !hex4(low) || low < 0xdc00 || low >= 0xe000) return false;
      point = 0x1'0000 + ((point - 0xd800) << 10 | (low - 0xdc00));
    }
    unescaped_ = put_character(unescaped_, point);
    return true;
  }

  bool hex4(std::uint32_t &value) {
    constexpr int kDigits = 4;
    if (end_ - at_ < kDigits) return false;
    auto const [stop, error] = std::from_chars(at_, at_ + kDigits, value, 16);
    if (stop != at_ + kDigits) return false;
    at_ = stop;
    return true;
  }

  bool number() {
    auto const *const begin = at_;
    bool const negative = take('-');
    auto const *const digits = at_;
    std::uint64_t magnitude = 0;  // Meaningless once there are too many digits.
    while (at_ != end_ && is_digit(*at_)) magnitude = magnitude * 10 + static_cast<std::uint64_t>(*at_++ - '0');
    auto const count = at_ - digits;
    if (count == 0 || (count > 1 && *digits == '0')) return false;
    if (at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E')) return skip_fraction() && real(begin);
    constexpr std::ptrdiff_t kAlwaysFits = 18;
    if (count > kAlwaysFits) return long_integer(begin, negative);
    auto const value = static_cast<std::int64_t>(magnitude);
    put(Kind::integer).value_.integer = negative ? -value : value;
    return true;
  }

  bool skip_digits() {
    auto const *const begin = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != begin;
  }

  bool skip_fraction() {
    if (take('.') && !skip_digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return skip_digits();
  }

  bool long_integer(char const *begin, bool negative) {
    std::int64_t value = 0;
    if (std::from_chars(begin, at_, value).ec == std::errc()) {
      put(Kind::integer).value_.integer = value;
      return true;
    }
    std::uint64_t large = 0;
    if (!negative && std::from_chars(begin, at_, large).ec == std::errc()) {
      put(Kind::large_integer).value_.large_integer = large;
      return true;
    }
    return real(begin);
  }

  bool real(char const *begin) {
    double value = 0;
    if (std::from_chars(begin, at_, value).ec != std::errc()) {
      // Too large or too small, which it does not tell apart. The latter is as good as 0.
      if (!vanishes(std::string_view(begin, at_))) return false;
      value = *begin == '-' ? -0.0 : 0.0;
    }
    put(Kind::real).value_.real = value;
    return true;
  }

  JsonTape &tape_;
  char const *at_;
  char const *end_;
  std::size_t size_;
  std::size_t nesting_left_;
  JsonNode *node_;
  char *unescaped_ = nullptr;
};

bool JsonTape::scan(std::string_view text, std::size_t nesting_max) {
  // A node takes a byte and one more that separates it from the next or closes it, which lists still open lack.
  auto const nodes_max = text.size() / 2 + nesting_max + 1;
  if (nodes_capacity_ < nodes_max) {
    nodes_capacity_ = std::bit_ceil(nodes_max);
    nodes_ = std::make_unique_for_overwrite<JsonNode[]>(nodes_capacity_);
  }
  return JsonScan(*this, text, nesting_max).document();
}

}  // namespace tableforge::protocol
