#pragma once

#include <string>

#include "tableforge/base/result.hpp"

namespace tableforge::storage {

/// What an exception of libpqxx means for whoever made the statement.
struct Failure {
  enum class Kind {
    broken,   ///< The connection is gone; whether the statement took effect is unknown.
    again,    ///< The server asks for another try (40001, 40P01); nothing took effect.
    refused,  ///< The statement's own data (22, 23, 54) can never be taken; nothing took effect.
    other,    ///< The server cannot do it now: nothing took effect, and another try may be lucky.
  };

  Kind kind = Kind::other;
  std::string sqlstate;  ///< Empty if the server said nothing.

  [[nodiscard]] Error error() const;
};

/// The exception that is being handled. Only to be called in a catch block.
///
/// The server's words are dropped on purpose: they quote the statement's data, and a log must not tell a card.
Failure current_failure();

/// Its own words. For the log, and only where no statement with a game's data can have been at work: of a failed
/// attempt to connect they name hosts and users, never a password.
std::string current_message();

}  // namespace tableforge::storage
