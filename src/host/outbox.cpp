#include "tableforge/host/outbox.hpp"

#include <algorithm>
#include <utility>

namespace tableforge::host {

Outbox::Offered Outbox::queue(Entry entry) {
  if (!backlog_) backlog_ = std::make_unique<Backlog>();
  backlog_->bytes += entry.frame.size();
  backlog_->queue.push_back(std::move(entry));
  return Offered::queued;
}

Outbox::Offered Outbox::offer(Frame frame) {
  if (overflowed_) return Offered::overflowed;
  // A lone frame passes whatever its size: a big table's snapshot must reach its client somehow.
  if (!empty() && bytes() + frame.size() > knobs_.outbox_bytes_max.get()) {
    metrics_.outbox_bytes.record(bytes());
    backlog_.reset();
    overflowed_ = true;
    return Offered::overflowed;
  }
  return queue({.frame = std::move(frame), .presence = std::nullopt});
}

Outbox::Offered Outbox::offer_presence(PresenceKey const &key, Frame frame) {
  if (overflowed_) return Offered::overflowed;
  if (backlog_) {
    auto &[entries, first, bytes] = *backlog_;
    auto const older = std::find_if(entries.begin() + static_cast<std::ptrdiff_t>(first), entries.end(),
                                    [&](Entry const &entry) { return entry.presence == key; });
    if (older != entries.end()) {
      bytes = bytes - older->frame.size() + frame.size();
      older->frame = std::move(frame);
      return Offered::queued;
    }
  }
  if (bytes() + frame.size() > knobs_.outbox_soft_bytes.get()) {
    metrics_.presence_dropped.add();
    return Offered::dropped;
  }
  return queue({.frame = std::move(frame), .presence = key});
}

std::optional<Frame> Outbox::take() {
  if (!backlog_) return std::nullopt;
  auto &[entries, first, bytes] = *backlog_;
  auto frame = std::move(entries[first++].frame);
  bytes -= frame.size();
  if (first == entries.size()) {
    backlog_.reset();
  } else if (first > entries.size() / 2) {
    // Who drains slowly must not keep what has left; each entry is moved once on average.
    entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(first));
    first = 0;
  }
  return frame;
}

}  // namespace tableforge::host
