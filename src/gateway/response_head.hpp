#pragma once

#include <string>
#include <string_view>

#include "tableforge/gateway/http.hpp"

namespace tableforge::gateway {

/// Status line and header fields of a response, up to and with the empty line; the body follows as it is.
///
/// Adds Date, Content-Type and Content-Length (none with 1xx and 204), Connection: close unless the connection is
/// kept, and Cache-Control: no-store unless the handler said otherwise. There is no Server field: what we run is
/// nobody's business.
std::string response_head(HttpResponse const &response, bool keep_alive);

/// Head and body in one, for a connection that ends with it.
std::string last_response(HttpResponse const &response);

/// What a client gets when a handler threw: 500 with an RFC 9457 problem.
///
/// A bug of ours has no `error.code`, on purpose: every code of the protocol tells a client what to do about it, and
/// here nobody knows. A body of another type cannot be mistaken for one of them; what happened is in our log.
HttpResponse internal_error();

}  // namespace tableforge::gateway
