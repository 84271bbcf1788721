#include "lobby/invitation_code.hpp"

#include <array>
#include <cstddef>
#include <span>

#include "tableforge/base/os_random.hpp"

namespace tableforge::lobby {

namespace {

/// RFC 4648 without its capitals: no 0, 1, 8 and 9, which look like letters.
constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz234567";
/// Guessing is hopeless from 128 bits on; 5 bits a digit.
constexpr std::size_t kCodeLength = 26;
static_assert(kDigits.size() == 32 && kCodeLength * 5 >= 128);

}  // namespace

std::string make_invitation_code() {
  // A byte for each digit: 32 divides 256, so taking the remainder favours none.
  std::array<std::byte, kCodeLength> random;
  os_random(random);
  std::string code;
  code.reserve(kCodeLength);
  for (std::byte const byte : random) code += kDigits[std::to_integer<std::size_t>(byte) % kDigits.size()];
  return code;
}

std::string read_invitation_code(std::string_view text) {
  if (text.size() != kCodeLength) return {};
  std::string code;
  code.reserve(kCodeLength);
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!kDigits.contains(c)) return {};
    code += c;
  }
  return code;
}

}  // namespace tableforge::lobby
