#include "tableforge/redis/script.hpp"

#include <array>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>

#include <openssl/evp.h>

#include "tableforge/base/check.hpp"
#include "tableforge/base/hex.hpp"

namespace tableforge::redis {

namespace {

std::string sha1_hex(std::string const &text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  TF_CHECK(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
  std::string hex(2 * std::size_t{size}, '\0');
  char *out = hex.data();
  for (unsigned char const byte : std::span(digest).first(size)) out = write_hex(out, byte);
  return hex;
}

}  // namespace

Script::Script(std::string text) : text_(std::move(text)), hash_(sha1_hex(text_)) {}

asio::awaitable<Result<Reply>> Script::run(Client &client, std::vector<std::string> keys,
                                           std::vector<std::string> arguments,
                                           std::chrono::steady_clock::duration limit) const {
  std::vector<std::string> words{"EVALSHA", hash_, std::to_string(keys.size())};
  words.insert(words.end(), std::make_move_iterator(keys.begin()), std::make_move_iterator(keys.end()));
  words.insert(words.end(), std::make_move_iterator(arguments.begin()), std::make_move_iterator(arguments.end()));
  auto reply = co_await client.command(words, limit);
  if (!reply || !reply->is_error() || !reply->error()->text.starts_with("NOSCRIPT")) co_return reply;
  words[0] = "EVAL";
  words[1] = text_;
  co_return co_await client.command(std::move(words), limit);
}

}  // namespace tableforge::redis
