#pragma once

#include "gateway/trusted_proxies.hpp"

namespace tableforge::gateway {

/// Who may speak for others in front of a server, and how.
///
/// Threads: any; immutable.
struct Edge {
  TrustedProxies proxies{};
  bool proxy_protocol = false;  ///< Each connection begins with a header, which only trusted proxies may write.
};

}  // namespace tableforge::gateway
