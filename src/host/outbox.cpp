#include "tableforge/host/outbox.hpp"

#include <algorithm>
#include <utility>

namespace tableforge::host {

void Outbox::discard() {
  // Its memory too: there are many connections, and few of them are slow at a time.
  std::vector<Entry>().swap(queue_);
  first_ = 0;
  bytes_ = 0;
}

Outbox::Offered Outbox::offer(Frame frame) {
  if (overflowed_) return Offered::overflowed;
  // A lone frame passes whatever its size: a big table's snapshot must reach its client somehow.
  if (!empty() && bytes_ + frame.size() > knobs_.outbox_bytes_max.get()) {
    metrics_.outbox_bytes.record(bytes_);
    discard();
    overflowed_ = true;
    return Offered::overflowed;
  }
  bytes_ += frame.size();
  queue_.push_back({.frame = std::move(frame), .presence = std::nullopt});
  return Offered::queued;
}

Outbox::Offered Outbox::offer_presence(PresenceKey const &key, Frame frame) {
  if (overflowed_) return Offered::overflowed;
  auto const older = std::find_if(queue_.begin() + static_cast<std::ptrdiff_t>(first_), queue_.end(),
                                  [&](Entry const &entry) { return entry.presence == key; });
  if (older != queue_.end()) {
    bytes_ = bytes_ - older->frame.size() + frame.size();
    older->frame = std::move(frame);
    return Offered::queued;
  }
  if (bytes_ + frame.size() > knobs_.outbox_soft_bytes.get()) {
    metrics_.presence_dropped.add();
    return Offered::dropped;
  }
  bytes_ += frame.size();
  queue_.push_back({.frame = std::move(frame), .presence = key});
  return Offered::queued;
}

std::optional<Frame> Outbox::take() {
  if (empty()) return std::nullopt;
  auto frame = std::move(queue_[first_++].frame);
  bytes_ -= frame.size();
  if (empty()) {
    discard();
  } else if (first_ > queue_.size() / 2) {
    // Who drains slowly must not keep what has left; each entry is moved once on average.
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  return frame;
}

}  // namespace tableforge::host
