#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tableforge::storage {

/// A jsonb[] of PostgreSQL in its binary form (array_recv() and jsonb_recv() of its sources), built element by element.
///
/// The text form would have a backslash before every quote of a document, which is written here, sent, and taken out
/// again over there, letter by letter.
///
/// Bounds:  an element of up to 2 GiB; PostgreSQL refuses a message of 1 GiB.
/// Errors:  none; what is no JSON, the server refuses.
class JsonbArray {
 public:
  /// `count` elements follow, of so many bytes in all.
  JsonbArray(std::size_t count, std::size_t bytes);

  void add(std::string_view document);
  [[nodiscard]] std::string take() &&;

 private:
  void add_number(std::uint32_t number);

  std::string bytes_;
  std::size_t left_;  ///< Elements that are still to come.
};

}  // namespace tableforge::storage
