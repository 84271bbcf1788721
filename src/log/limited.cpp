#include "tableforge/log/limited.hpp"

#include <vector>

namespace tableforge::log {

std::optional<std::uint64_t> Limited::admit(Clock::time_point now) {
  Clock::rep next = next_.load(std::memory_order_relaxed);
  Clock::rep const at = now.time_since_epoch().count();
  // Of several threads that arrive together one wins the exchange; the others are counted.
  if (at < next || !next_.compare_exchange_strong(next, at + interval_.count(), std::memory_order_relaxed)) {
    suppressed_.fetch_add(1, std::memory_order_relaxed);
    count_suppressed();
    return std::nullopt;
  }
  return suppressed_.exchange(0, std::memory_order_relaxed);
}

void Limited::write(Level level, std::string_view message, Fields fields) {
  if (!enabled(level)) return;
  auto const suppressed = admit(Clock::now());
  if (!suppressed) return;
  std::vector<Field> all(fields);
  if (*suppressed > 0) all.emplace_back("suppressed", *suppressed);
  write_span(level, message, all);
}

}  // namespace tableforge::log
