#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tableforge/gateway/http.hpp"

namespace tableforge::gateway {
namespace {

using protocol::ErrorCode;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ErrorResponse, HasTheStatusThatFitsItsCode) {
  struct Case {
    ErrorCode code;
    unsigned status;
  };
  constexpr std::array cases{Case{ErrorCode::bad_request, 400},  Case{ErrorCode::unknown_op, 400},
                             Case{ErrorCode::unauthorized, 401}, Case{ErrorCode::forbidden, 403},
                             Case{ErrorCode::not_found, 404},    Case{ErrorCode::conflict, 409},
                             Case{ErrorCode::id_reused, 409},    Case{ErrorCode::not_your_turn, 409},
                             Case{ErrorCode::locked, 409},       Case{ErrorCode::full, 409},
                             Case{ErrorCode::empty, 409},        Case{ErrorCode::insufficient, 409},
                             Case{ErrorCode::rate_limited, 429}, Case{ErrorCode::too_large, 413},
                             Case{ErrorCode::overloaded, 503},   Case{ErrorCode::storage_unavailable, 503}};
  static_assert(cases.size() == Words<ErrorCode>::words.size());
  for (auto const &[code, status] : cases) EXPECT_EQ(error_response(code, "x").status, status) << word(code);
}

TEST(ErrorResponse, IsTheProtocolsErrorObject) {
  auto const response = error_response(ErrorCode::bad_request, "a \"bad\" field",
                                       {.path = "data.name", .limit = 64, .retry_after_ms = {}});
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(nlohmann::json::parse(response.body), nlohmann::json::parse(R"({"error":{"code":"bad_request",
      "message":"a \"bad\" field","retryable":false,"details":{"path":"data.name","limit":64}}})"));
  EXPECT_THAT(response.headers, IsEmpty());
}

TEST(ErrorResponse, AsksForABearer) {
  EXPECT_THAT(error_response(ErrorCode::unauthorized, "x").headers, ElementsAre(Pair("WWW-Authenticate", "Bearer")));
}

TEST(ErrorResponse, TellsWhenToRetryInWholeSeconds) {
  auto const after = [](std::optional<std::int64_t> ms) {
    return error_response(ErrorCode::rate_limited, "x", {.path = {}, .limit = {}, .retry_after_ms = ms}).headers;
  };
  EXPECT_THAT(after(std::nullopt), ElementsAre(Pair("Retry-After", "1")));
  EXPECT_THAT(after(1), ElementsAre(Pair("Retry-After", "1")));
  EXPECT_THAT(after(2'001), ElementsAre(Pair("Retry-After", "3")));
  EXPECT_THAT(error_response(ErrorCode::overloaded, "x").headers, Contains(Pair("Retry-After", "1")));
  EXPECT_THAT(error_response(ErrorCode::storage_unavailable, "x").headers, Contains(Pair("Retry-After", "1")));
}

}  // namespace
}  // namespace tableforge::gateway
