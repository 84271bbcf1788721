#include "tableforge/host/append_batch.hpp"

namespace tableforge::host {

void AppendBatch::add(std::weak_ptr<Appender> appender) {
  due_.push_back(std::move(appender));
  shard_.mark_dirty_first(*this);
}

void AppendBatch::flush() {
  std::vector<Appending> appends;
  appends.reserve(due_.size());
  for (auto &due : due_) {
    auto const appender = due.lock();
    if (!appender) continue;
    auto append = appender->next_append();
    if (!append) continue;
    auto done = [appender = std::move(due), outcomes = outcomes_, &shard = shard_](Appended appended) {
      bool const first = outcomes->with([&](std::vector<Outcome> &waiting) {
        waiting.push_back({appender, appended});
        return waiting.size() == 1;
      });
      // Those that come until the shard gets to it go with the first.
      if (first) shard.post([outcomes] { tell(*outcomes); });
    };
    appends.push_back({.append = *std::move(append), .done = std::move(done)});
  }
  due_.clear();
  if (!appends.empty()) journal_.append(std::move(appends));
}

void AppendBatch::tell(Outcomes &outcomes) {
  auto const arrived = outcomes.with([](std::vector<Outcome> &waiting) { return std::exchange(waiting, {}); });
  for (auto const &[appender, appended] : arrived) {
    if (auto const table = appender.lock()) table->appended(appended);
  }
}

}  // namespace tableforge::host
