#include "storage/append_queue.hpp"

#include <utility>

namespace tableforge::storage {

bool AppendQueue::push(std::span<PendingAppend> pending) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return false;
    // Whoever is woken by the first row and finds it too early sees to it that the row does not wait too long.
    wake = waiting_.empty();
    for (PendingAppend &each : pending) {
      waiting_bytes_ += each.append.body.size();
      waiting_.push_back(std::move(each));
    }
    wake = wake || worth_taking();
  }
  if (wake) filled_.notify_one();
  return true;
}

bool AppendQueue::worth_taking() const {
  return being_committed_ == 0 || waiting_.size() >= bounds_.overlap_rows || waiting_bytes_ >= bounds_.bytes_max / 2 ||
         closed_ || Clock::now() >= waiting_.front().since + bounds_.gather_max;
}

std::vector<PendingAppend> AppendQueue::take(Bounds const &bounds) {
  std::vector<PendingAppend> batch;
  std::unique_lock lock(mutex_);
  bounds_ = bounds;
  while (waiting_.empty() || !worth_taking()) {
    if (!waiting_.empty()) {
      filled_.wait_until(lock, waiting_.front().since + bounds.gather_max);
    } else if (closed_) {
      return batch;
    } else {
      filled_.wait(lock);
    }
  }
  std::size_t bytes = 0;
  while (!waiting_.empty() && (batch.empty() || (batch.size() < bounds.rows_max &&
                                                 bytes + waiting_.front().append.body.size() <= bounds.bytes_max))) {
    bytes += waiting_.front().append.body.size();
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  waiting_bytes_ -= bytes;
  ++being_committed_;
  bool const more = !waiting_.empty();
  lock.unlock();
  if (more) filled_.notify_one();
  return batch;
}

void AppendQueue::finished() {
  std::lock_guard lock(mutex_);
  // Nobody is woken: who finished a batch comes for the next one.
  --being_committed_;
}

void AppendQueue::pause(Clock::duration duration) {
  std::unique_lock lock(mutex_);
  given_up_.wait_for(lock, duration, [&] { return abandoned_; });
}

void AppendQueue::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  filled_.notify_all();
}

void AppendQueue::abandon() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    abandoned_ = true;
  }
  filled_.notify_all();
  given_up_.notify_all();
}

bool AppendQueue::abandoned() const {
  std::lock_guard lock(mutex_);
  return abandoned_;
}

}  // namespace tableforge::storage
