#include "storage/append_queue.hpp"

#include <utility>

namespace tableforge::storage {

bool AppendQueue::push(PendingAppend &pending) {
  {
    std::lock_guard lock(mutex_);
    if (closed_) return false;
    waiting_.push_back(std::move(pending));
  }
  filled_.notify_one();
  return true;
}

std::vector<PendingAppend> AppendQueue::take(std::size_t rows_max, std::size_t bytes_max) {
  std::vector<PendingAppend> batch;
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [&] { return !waiting_.empty() || closed_; });
  std::size_t bytes = 0;
  while (!waiting_.empty() &&
         (batch.empty() || (batch.size() < rows_max && bytes + waiting_.front().append.body.size() <= bytes_max))) {
    bytes += waiting_.front().append.body.size();
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return batch;
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
