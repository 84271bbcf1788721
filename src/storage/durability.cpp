#include <string>
#include <string_view>

#include "tableforge/log/log.hpp"
#include "tableforge/storage/schema.hpp"

#include "storage/boot_session.hpp"

namespace tableforge::storage {

namespace {

constexpr std::chrono::milliseconds kCheckTimeout{10'000};
constexpr Statement kSettings{"durability",
                              "select current_setting('fsync')::bool,"
                              " current_setting('full_page_writes')::bool"};

}  // namespace

Result<void> check_durability(std::string const &url, bool allow_fsync_off) {
  return with_session(url, kCheckTimeout, "check_durability", [&](Connection &session) -> Result<void> {
    pqxx::result const settings = session.run(kSettings);
    if (!settings[0][0].as<bool>()) {
      if (!allow_fsync_off)
        return fail(Errc::forbidden, "PostgreSQL runs with fsync = off and may forget what it confirmed");
      log::warn("PostgreSQL runs with fsync = off: a crash of its machine may take back what players have seen");
    }
    if (!settings[0][1].as<bool>()) {
      log::warn("PostgreSQL runs with full_page_writes = off: a crash of its machine may tear pages");
    }
    return {};
  });
}

}  // namespace tableforge::storage
