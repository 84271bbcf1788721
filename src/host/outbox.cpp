#include "tableforge/host/outbox.hpp"

#include <algorithm>

namespace tableforge::host {

Outbox::Offered Outbox::offer(Frame frame) {
  if (overflowed_) return Offered::overflowed;
  // A lone frame passes whatever its size: a big table's snapshot must reach its client somehow.
  if (!queue_.empty() && bytes_ + frame->size() > knobs_.outbox_bytes_max.get()) {
    metrics_.outbox_bytes.record(bytes_);
    queue_.clear();
    bytes_ = 0;
    overflowed_ = true;
    return Offered::overflowed;
  }
  bytes_ += frame->size();
  queue_.push_back({.frame = std::move(frame), .presence = std::nullopt});
  return Offered::queued;
}

Outbox::Offered Outbox::offer_presence(PresenceKey const &key, Frame frame) {
  if (overflowed_) return Offered::overflowed;
  auto const older = std::ranges::find_if(queue_, [&](Entry const &entry) { return entry.presence == key; });
  if (older != queue_.end()) {
    bytes_ = bytes_ - older->frame->size() + frame->size();
    older->frame = std::move(frame);
    return Offered::queued;
  }
  if (bytes_ + frame->size() > knobs_.outbox_soft_bytes.get()) {
    metrics_.presence_dropped.add();
    return Offered::dropped;
  }
  bytes_ += frame->size();
  queue_.push_back({.frame = std::move(frame), .presence = key});
  return Offered::queued;
}

std::optional<Frame> Outbox::take() {
  if (queue_.empty()) return std::nullopt;
  auto frame = std::move(queue_.front().frame);
  queue_.pop_front();
  bytes_ -= frame->size();
  return frame;
}

}  // namespace tableforge::host
