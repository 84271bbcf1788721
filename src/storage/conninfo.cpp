#include "storage/conninfo.hpp"

#include <memory>
#include <string_view>

#include <libpq-fe.h>

namespace tableforge::storage {

namespace {

struct Default {
  std::string_view keyword;
  std::string_view value;
};

constexpr Default kDefaults[] = {
    {"application_name", "tableforge"},
    // Seconds; libpq applies it to each address, and includes the authentication.
    {"connect_timeout", "3"},
    // A peer that vanished is noticed after 10 + 3 × 3 seconds without, and 15 seconds with unacknowledged data.
    {"keepalives", "1"},
    {"keepalives_idle", "10"},
    {"keepalives_interval", "3"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "15000"},
    // Given several hosts, libpq finds the primary; given one that is a standby, we wait instead of reading stale rows.
    {"target_session_attrs", "read-write"},
};

void append_setting(std::string &out, std::string_view keyword, std::string_view value) {
  if (!out.empty()) out += ' ';
  out += keyword;
  out += "='";
  for (char const c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  out += '\'';
}

}  // namespace

std::optional<std::string> conninfo(std::string const &url) {
  std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> const options(PQconninfoParse(url.c_str(), nullptr),
                                                                             &PQconninfoFree);
  if (!options) return std::nullopt;
  std::string out;
  for (PQconninfoOption const *option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) append_setting(out, option->keyword, option->val);
  }
  for (Default const &fallback : kDefaults) {
    bool given = false;
    for (PQconninfoOption const *option = options.get(); option->keyword != nullptr; ++option) {
      given = given || (option->keyword == fallback.keyword && option->val != nullptr);
    }
    if (!given) append_setting(out, fallback.keyword, fallback.value);
  }
  return out;
}

}  // namespace tableforge::storage
