#include "storage/availability.hpp"

#include <utility>

#include "tableforge/log/log.hpp"

namespace tableforge::storage {

void Availability::connected() {
  std::lock_guard lock(transition_);
  if (std::exchange(known_, true)) return;
  available_ = true;
  metrics_.available.set(1);
  log::info("the journal reaches PostgreSQL");
}

void Availability::answered() {
  if (now()) return;
  std::lock_guard lock(transition_);
  if (available_.exchange(true)) return;
  metrics_.available.set(1);
  log::write(known_ ? log::Level::warn : log::Level::info, "the journal reaches PostgreSQL");
  known_ = true;
}

void Availability::lost(std::string_view why, std::string_view sqlstate) {
  std::lock_guard lock(transition_);
  if (!available_.exchange(false) && known_) return;
  metrics_.available.set(0);
  log::warn("the journal does not reach PostgreSQL; actions stay pending", {{"why", why}, {"sqlstate", sqlstate}});
  known_ = true;
}

}  // namespace tableforge::storage
