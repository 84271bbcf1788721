#include "gateway/refusal.hpp"

namespace tableforge::gateway {

Refusal refusal_of(Error const &error) {
  auto const code = protocol::code_of(error.code);
  switch (code) {
    case protocol::ErrorCode::storage_unavailable:
      return {.code = code, .message = "nothing can be stored or read now; try again later"};
    case protocol::ErrorCode::overloaded: return {.code = code, .message = "the server is overloaded; try again later"};
    default: return {.code = code, .message = std::string(error.text)};
  }
}

HttpResponse answer(Refusal const &refusal) {
  return error_response(refusal.code, refusal.message,
                        {.path = refusal.path, .limit = refusal.limit, .retry_after_ms = {}});
}

}  // namespace tableforge::gateway
