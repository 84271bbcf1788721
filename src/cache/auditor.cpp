#include "cache/auditor.hpp"

#include <utility>

#include "tableforge/log/log.hpp"

namespace tableforge::cache {

using metrics::AuditResult;

void Auditor::take(ClassSpec const &cls, std::string_view key, Entry const &entry, Clock::duration bound) {
  if (slots_.use_count() > kAuditsMax) {
    metrics_.audits.at(cls.id, AuditResult::skipped).add();
    return;
  }
  Served served{.cls = cls, .key = std::string(key), .entry = entry, .at = now_(), .bound = bound, .slot = slots_};
  spawn(scope_, "cache audit", audit(std::move(served)));
}

asio::awaitable<void> Auditor::audit(Served served) {
  ClassSpec const &cls = served.cls;
  auto const unseen = co_await cls.unseen(served.key, served.entry.value, served.entry.version);
  if (!unseen) {
    metrics_.audits.at(cls.id, AuditResult::skipped).add();
    co_return;
  }
  // What was changed after the value had been served does not count.
  auto const age = *unseen ? **unseen - (now_() - served.at) : Clock::duration::zero();
  bool const current = age <= Clock::duration::zero();
  compared_(cls, served.at - served.entry.filled_at, !current);
  metrics_.stale_age.at(cls.id).record(current ? Clock::duration::zero() : age);
  if (!current && age > served.bound) {
    metrics_.audits.at(cls.id, AuditResult::beyond_bound).add();
    beyond_.error(
        "a value was served that its class does not allow to be so old",
        {{"class", cls.name()}, {"key", served.key}, {"stale_seconds", age}, {"bound_seconds", served.bound}});
    co_return;
  }
  metrics_.audits.at(cls.id, current ? AuditResult::current : AuditResult::stale).add();
}

}  // namespace tableforge::cache
