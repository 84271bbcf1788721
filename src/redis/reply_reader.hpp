#pragma once

#include <hiredis/hiredis.h>

#include "tableforge/base/result.hpp"
#include "tableforge/redis/reply.hpp"

namespace tableforge::redis {

/// Copies what hiredis parsed. Errc::corrupt for a kind of reply that was never asked for (RESP3).
Result<Reply> read_reply(redisReply const &reply);

}  // namespace tableforge::redis
