#include "redis/reply_reader.hpp"

namespace tableforge::redis {

Result<Reply> read_reply(redisReply const &reply) {
  auto const text = [&] { return std::string(reply.str, static_cast<std::size_t>(reply.len)); };
  switch (reply.type) {
    case REDIS_REPLY_NIL: return Reply{};
    case REDIS_REPLY_INTEGER: return Reply{static_cast<std::int64_t>(reply.integer)};
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_STRING: return Reply{text()};
    case REDIS_REPLY_ERROR: return Reply{ReplyError{text()}};
    case REDIS_REPLY_ARRAY: {
      std::vector<Reply> list;
      list.reserve(static_cast<std::size_t>(reply.elements));
      for (std::size_t i = 0; i < static_cast<std::size_t>(reply.elements); ++i) {
        auto one = read_reply(*reply.element[i]);
        if (!one) return one;
        list.push_back(std::move(*one));
      }
      return Reply{std::move(list)};
    }
    default: return fail(Errc::corrupt, "Redis answered with an unknown kind of reply");
  }
}

}  // namespace tableforge::redis
