#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "tableforge/base/fields.hpp"
#include "tableforge/base/result.hpp"
#include "tableforge/gateway/http.hpp"
#include "tableforge/protocol/error_code.hpp"

namespace tableforge::gateway {

/// Why a request is not served, before it is put into words of HTTP.
struct Refusal {
  protocol::ErrorCode code = protocol::ErrorCode::bad_request;
  std::string message{};
  std::string path{};  ///< The field or parameter it is about; empty: none.
  std::optional<std::int64_t> limit{};
};

template <class T>
using Served = std::expected<T, Refusal>;

/// What failed behind us, in words for a stranger: of our own machinery they tell no more than whether to come back.
Refusal refusal_of(Error const &error);

HttpResponse answer(Refusal const &refusal);

/// "public, private", for the message that refuses another word.
template <Worded E>
std::string words_of() {
  std::string words;
  for (auto const each : Words<E>::words) words += (words.empty() ? "" : ", ") + std::string(each);
  return words;
}

}  // namespace tableforge::gateway
