#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tableforge/base/fields.hpp"
#include "tableforge/base/result.hpp"
#include "tableforge/table/reject.hpp"

namespace tableforge::protocol {

/// Every `error.code` a client can meet, on the socket and over HTTP.
enum class ErrorCode : std::uint8_t {
  bad_request,
  unknown_op,
  unauthorized,
  forbidden,
  not_found,
  conflict,
  id_reused,
  not_your_turn,
  locked,
  full,
  empty,
  insufficient,
  rate_limited,
  too_large,
  overloaded,
  storage_unavailable,
};

ErrorCode code_of(table::Reject why);
ErrorCode code_of(Errc errc);

/// Whether sending the same again later can succeed without anybody changing anything.
constexpr bool retryable(ErrorCode code) {
  return code == ErrorCode::rate_limited || code == ErrorCode::overloaded || code == ErrorCode::storage_unavailable;
}

}  // namespace tableforge::protocol

template <>
struct tableforge::Words<tableforge::protocol::ErrorCode> {
  static constexpr std::array<std::string_view, 16> words{
      "bad_request",  "unknown_op", "unauthorized", "forbidden",
      "not_found",    "conflict",   "id_reused",    "not_your_turn",
      "locked",       "full",       "empty",        "insufficient",
      "rate_limited", "too_large",  "overloaded",   "storage_unavailable"};
};
