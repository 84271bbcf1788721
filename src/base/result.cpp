#include "tableforge/base/result.hpp"

namespace tableforge {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::timeout: return "timeout";
    case Errc::unavailable: return "unavailable";
    case Errc::overloaded: return "overloaded";
    case Errc::not_found: return "not_found";
    case Errc::conflict: return "conflict";
    case Errc::unauthorized: return "unauthorized";
    case Errc::forbidden: return "forbidden";
    case Errc::invalid: return "invalid";
    case Errc::corrupt: return "corrupt";
    case Errc::cancelled: return "cancelled";
  }
  return "unknown";
}

}  // namespace tableforge
