#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace tableforge {

/// What went wrong with the infrastructure. What players do wrong is table::Reject.
enum class Errc : std::uint8_t {
  timeout,       ///< A deadline passed; the outcome may be unknown.
  unavailable,   ///< The other side cannot be reached now; trying again makes sense.
  overloaded,    ///< A queue of ours is full; trying again later makes sense.
  not_found,     ///< There is no such thing.
  conflict,      ///< It exists already, or somebody else was first.
  unauthorized,  ///< A token is missing, forged or expired.
  forbidden,     ///< Known, but not allowed.
  invalid,       ///< The input can never succeed.
  corrupt,       ///< Stored data cannot be understood.
  cancelled,     ///< We are shutting down.
};

std::string_view to_string(Errc code);

/// A small failure: a code and static text. Changing detail is logged where the failure is seen.
struct Error {
  Errc code;
  std::string_view text;  ///< Always a literal, so that an Error can be copied between threads freely.
};

template <class T>
using Result = std::expected<T, Error>;

/// The only way to make an error.
template <std::size_t N>
constexpr std::unexpected<Error> fail(Errc code, char const (&text)[N]) {
  return std::unexpected(Error{code, std::string_view(text, N - 1)});
}

}  // namespace tableforge
