#include "gateway/request_id.hpp"

#include <array>
#include <cstddef>

#include "tableforge/base/os_random.hpp"

namespace tableforge::gateway {

std::string request_id(std::string_view given) {
  constexpr std::size_t kBytesMax = 64;
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  if (!given.empty() && given.size() <= kBytesMax && given.find_first_not_of(kAllowed) == std::string_view::npos) {
    return std::string(given);
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::byte, 8> random{};
  os_random(random);
  std::string id;
  for (auto const byte : random) {
    id += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    id += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return id;
}

}  // namespace tableforge::gateway
