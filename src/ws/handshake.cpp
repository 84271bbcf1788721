#include "tableforge/ws/handshake.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <openssl/evp.h>

#include "tableforge/base/check.hpp"
#include "tableforge/base/os_random.hpp"

namespace tableforge::ws {

namespace {

constexpr std::string_view kAcceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kSha1Bytes = 20;
constexpr std::size_t kKeyBytes = 16;

template <std::size_t N>
std::string to_base64(std::array<unsigned char, N> const &bytes) {
  std::array<unsigned char, 4 * ((N + 2) / 3) + 1> text{};  // OpenSSL ends it with a zero byte.
  int const size = EVP_EncodeBlock(text.data(), bytes.data(), static_cast<int>(N));
  return {text.begin(), text.begin() + size};
}

bool is_base64_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

}  // namespace

std::string accept_key(std::string_view sec_websocket_key) {
  std::string text(sec_websocket_key);
  text += kAcceptGuid;
  std::array<unsigned char, kSha1Bytes> digest{};
  unsigned int digest_size = 0;
  TF_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &digest_size, EVP_sha1(), nullptr) == 1);
  TF_CHECK(digest_size == kSha1Bytes);
  return to_base64(digest);
}

bool valid_key(std::string_view sec_websocket_key) {
  // 16 bytes are 22 digits and two signs of padding. The four spare bits of the last digit may be anything: RFC 4648
  // leaves it open, the value is only hashed, and some clients are careless about them.
  constexpr std::size_t kDigits = 22;
  if (sec_websocket_key.size() != kDigits + 2 || !sec_websocket_key.ends_with("==")) return false;
  return std::ranges::all_of(sec_websocket_key.substr(0, kDigits), is_base64_digit);
}

std::string make_key() {
  std::array<unsigned char, kKeyBytes> bytes{};
  os_random(std::as_writable_bytes(std::span(bytes)));
  return to_base64(bytes);
}

}  // namespace tableforge::ws
