#include "tableforge/host/presence_window.hpp"

#include <utility>

namespace tableforge::host {

void PresenceWindow::hold(std::weak_ptr<PresenceHolder> holder, Clock::time_point due) {
  auto const since_epoch = std::chrono::ceil<std::chrono::milliseconds>(due.time_since_epoch());
  auto const on_grid = Clock::time_point((since_epoch + kGrid - std::chrono::milliseconds(1)) / kGrid * kGrid);
  bool const is_next = held_.empty() || on_grid < held_.top().due;
  held_.push({on_grid, std::move(holder)});
  if (is_next) arm();
}

void PresenceWindow::arm() {
  timer_.expires_at(held_.top().due);
  timer_.async_wait([this](boost::system::error_code code) {
    if (!code) wake();  // Else it was set anew, or the window is being destroyed.
  });
}

void PresenceWindow::wake() {
  auto const now = Clock::now();
  while (!held_.empty() && held_.top().due <= now) {
    auto const holder = held_.top().holder.lock();
    held_.pop();
    if (holder) holder->window_over();
  }
  if (!held_.empty()) arm();
}

}  // namespace tableforge::host
