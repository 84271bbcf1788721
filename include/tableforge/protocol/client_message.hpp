#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "tableforge/base/ids.hpp"
#include "tableforge/protocol/error_code.hpp"
#include "tableforge/table/action.hpp"

/// What a client sends, typed. The vocabulary is docs/protocol.md.
namespace tableforge::protocol {

/// Messages of a client are small: fifty moves of a piece fit many times.
inline constexpr std::size_t kClientMessageBytesMax = 65'536;
inline constexpr std::int64_t kClientIdMax = 64;  ///< Characters of `client` and of an action's `id`.
inline constexpr std::int64_t kTokenMax = 4'096;
inline constexpr std::size_t kNestingMax = 12;  ///< The vocabulary needs 6.

struct Hello {
  std::string token;
  ClientId client;
  std::optional<Seq> resume;  ///< The last seq the client saw.
};

struct Drag {
  PieceId piece;
  double x = 0;
  double y = 0;
  static constexpr auto fields() {
    return std::tuple{field("piece", &Drag::piece), field("x", &Drag::x), field("y", &Drag::y)};
  }
};

using Point = std::array<double, 2>;

/// Something that is true for the moment: never stored, and only the latest counts.
struct Presence {
  std::optional<Point> cursor;
  std::optional<Drag> drag;
  std::optional<bool> typing;
  static constexpr auto fields() {
    return std::tuple{field("cursor", &Presence::cursor), field("drag", &Presence::drag),
                      field("typing", &Presence::typing)};
  }
};

/// An operation with its id; who sent it, the session adds.
struct Request {
  ActionId id;
  std::optional<table::Precondition> precondition;
  table::Operation operation;
};

using ClientMessage = std::variant<Hello, Presence, Request>;

/// Why a message was refused before anything looked at a table.
struct Malformed {
  ErrorCode code = ErrorCode::bad_request;
  std::string message;  ///< For a person.
  std::string path;     ///< The field it is about, like "data.moves[2].piece"; empty for the message as a whole.
  ActionId id;          ///< Of the message, if it had a usable one.
};

/// Bytes to a typed message: everything is checked that can be checked without a table. Refuses unknown fields and
/// operations, missing fields, wrong types, fractions where integers are meant, texts with NUL, values out of bounds.
///
/// Errors: the outcome; never throws.
std::expected<ClientMessage, Malformed> decode(std::string_view text);

}  // namespace tableforge::protocol
