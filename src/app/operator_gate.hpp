#pragma once

#include <optional>
#include <string>
#include <utility>

#include "tableforge/gateway/http.hpp"

#include "app/operator_token.hpp"
#include "gateway/refusal.hpp"

namespace tableforge::app {

/// The answer to who does not show the operators' token; nothing for an operator.
inline std::optional<gateway::HttpResponse> turned_away(OperatorToken const &token,
                                                        gateway::HttpRequest const &request) {
  if (token.in(request.authorization)) return std::nullopt;
  return answer(gateway::Refusal{.code = protocol::ErrorCode::unauthorized,
                                 .message = "this takes the operators' token: the one of --admin-token, or of the "
                                            "file admin-token in the run directory"});
}

inline gateway::HttpResponse json_response(unsigned status, std::string body) {
  gateway::HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

}  // namespace tableforge::app
