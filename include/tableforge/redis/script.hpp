#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tableforge/base/result.hpp"
#include "tableforge/redis/client.hpp"
#include "tableforge/redis/reply.hpp"

namespace tableforge::redis {

/// A Lua program that Redis runs as one atomic step, named to it by its hash.
///
/// Threads: any; immutable.
class Script {
 public:
  explicit Script(std::string text);

  [[nodiscard]] std::string const &text() const { return text_; }
  /// SHA-1 in hexadecimal, as EVALSHA wants it.
  [[nodiscard]] std::string const &hash() const { return hash_; }

  /// Sends the hash; the text follows only if Redis does not know it (any more), which doubles `limit` that once.
  /// The script must live until this is done.
  [[nodiscard]] asio::awaitable<Result<Reply>> run(Client &client, std::vector<std::string> keys,
                                                   std::vector<std::string> arguments,
                                                   std::chrono::steady_clock::duration limit) const;

 private:
  std::string text_;
  std::string hash_;
};

}  // namespace tableforge::redis
