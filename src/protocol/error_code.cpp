#include "tableforge/protocol/error_code.hpp"

namespace tableforge::protocol {

ErrorCode code_of(table::Reject why) {
  switch (why) {
    case table::Reject::bad_request: return ErrorCode::bad_request;
    case table::Reject::forbidden: return ErrorCode::forbidden;
    case table::Reject::not_found: return ErrorCode::not_found;
    case table::Reject::conflict: return ErrorCode::conflict;
    case table::Reject::id_reused: return ErrorCode::id_reused;
    case table::Reject::not_your_turn: return ErrorCode::not_your_turn;
    case table::Reject::locked: return ErrorCode::locked;
    case table::Reject::full: return ErrorCode::full;
    case table::Reject::empty: return ErrorCode::empty;
    case table::Reject::insufficient: return ErrorCode::insufficient;
  }
  return ErrorCode::bad_request;
}

ErrorCode code_of(Errc errc) {
  switch (errc) {
    case Errc::not_found: return ErrorCode::not_found;
    case Errc::conflict: return ErrorCode::conflict;
    case Errc::unauthorized: return ErrorCode::unauthorized;
    case Errc::forbidden: return ErrorCode::forbidden;
    case Errc::invalid: return ErrorCode::bad_request;
    case Errc::overloaded: return ErrorCode::overloaded;
    case Errc::timeout:
    case Errc::unavailable:
    case Errc::corrupt:
    case Errc::cancelled: return ErrorCode::storage_unavailable;
  }
  return ErrorCode::storage_unavailable;
}

}  // namespace tableforge::protocol
