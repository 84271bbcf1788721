#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <pqxx/pqxx>

#include "tableforge/base/check.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/base/uuid.hpp"

/// How the columns of a result are read. A time is selected as microseconds since the epoch:
/// `(extract(epoch from c) * 1000000)::bigint`, which is exact because extract gives a numeric.
namespace tableforge::storage {

/// Valid as long as the result.
inline std::string_view text_of(pqxx::field const &field) { return {field.c_str(), field.size()}; }

inline Uuid uuid_of(pqxx::field const &field) {
  std::optional<Uuid> const uuid = Uuid::parse(text_of(field));
  // The column's type is uuid, so the server cannot say anything else.
  TF_CHECK(uuid);
  return *uuid;
}

/// An xid8, selected as text.
inline std::uint64_t xid_of(pqxx::field const &field) { return field.as<std::uint64_t>(); }

inline Time time_of(pqxx::field const &field) { return Time(std::chrono::microseconds(field.as<std::int64_t>())); }

}  // namespace tableforge::storage
