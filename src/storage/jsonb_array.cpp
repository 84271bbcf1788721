#include "storage/jsonb_array.hpp"

#include <utility>

#include "tableforge/base/check.hpp"

namespace tableforge::storage {

namespace {

constexpr std::uint32_t kJsonbType = 3802;  // Of PostgreSQL's catalogue, the same in all versions.
constexpr char kJsonbVersion = 1;
constexpr std::size_t kHeadBytes = 20;
constexpr std::size_t kElementHeadBytes = 5;

}  // namespace

JsonbArray::JsonbArray(std::size_t count, std::size_t bytes) : left_(count) {
  bytes_.reserve(kHeadBytes + count * kElementHeadBytes + bytes);
  constexpr std::uint32_t kHasNulls = 0;
  constexpr std::uint32_t kFirstIndex = 1;
  add_number(count == 0 ? 0 : 1);  // Dimensions.
  add_number(kHasNulls);
  add_number(kJsonbType);
  if (count == 0) return;
  add_number(static_cast<std::uint32_t>(count));
  add_number(kFirstIndex);
}

void JsonbArray::add(std::string_view document) {
  TF_CHECK(left_ > 0);
  --left_;
  add_number(static_cast<std::uint32_t>(document.size() + 1));
  bytes_ += kJsonbVersion;
  bytes_ += document;
}

std::string JsonbArray::take() && {
  TF_CHECK(left_ == 0);
  return std::move(bytes_);
}

/// In network byte order.
void JsonbArray::add_number(std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes_ += static_cast<char>(number >> shift & 0xff);
}

}  // namespace tableforge::storage
