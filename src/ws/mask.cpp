#include "tableforge/ws/mask.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace tableforge::ws {

MaskKey apply_mask(std::span<char> bytes, MaskKey key) {
  std::uint64_t wide_key = 0;
  static_assert(sizeof wide_key == 2 * sizeof(MaskKey));
  std::memcpy(&wide_key, key.data(), key.size());
  std::memcpy(reinterpret_cast<char *>(&wide_key) + key.size(), key.data(), key.size());

  // Words are copied in and out because a payload starts at any address; the compiler makes plain loads of it.
  std::size_t i = 0;
  for (; i + sizeof wide_key <= bytes.size(); i += sizeof wide_key) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, sizeof word);
    word ^= wide_key;
    std::memcpy(bytes.data() + i, &word, sizeof word);
  }
  for (; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ key[i % key.size()]);

  std::ranges::rotate(key, key.begin() + static_cast<std::ptrdiff_t>(bytes.size() % key.size()));
  return key;
}

}  // namespace tableforge::ws
