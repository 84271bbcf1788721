#include "tableforge/host/os_chance.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "tableforge/base/check.hpp"

namespace tableforge::host {

OsChance::~OsChance() { OPENSSL_cleanse(buffer_.data(), sizeof(buffer_)); }

std::uint64_t OsChance::bits() {
  if (unread_ == 0) refill();
  std::uint64_t &word = buffer_[--unread_];
  std::uint64_t const drawn = word;
  OPENSSL_cleanse(&word, sizeof(word));
  return drawn;
}

void OsChance::refill() {
  TF_CHECK(RAND_bytes(reinterpret_cast<unsigned char *>(buffer_.data()), sizeof(buffer_)) == 1);
  unread_ = buffer_.size();
}

}  // namespace tableforge::host
