#include "tableforge/runtime/ready_set.hpp"

#include <cerrno>
#include <system_error>

#include "tableforge/base/check.hpp"

namespace tableforge::runtime {

namespace {

int make_epoll() {
  int const fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  return fd;
}

}  // namespace

ReadySet::ReadySet(Shard &shard) : shard_(shard), epoll_(shard.context(), make_epoll()) { flush(); }

ReadySet::~ReadySet() = default;

bool ReadySet::add(int fd, Ready &ready) {
  epoll_event event{.events = EPOLLIN | EPOLLRDHUP, .data = {.ptr = &ready}};
  return ::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void ReadySet::want_write(int fd, Ready &ready, bool wanted) {
  std::uint32_t const writing = wanted ? std::uint32_t{EPOLLOUT} : 0;
  epoll_event event{.events = EPOLLIN | EPOLLRDHUP | writing, .data = {.ptr = &ready}};
  TF_CHECK(::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void ReadySet::remove(int fd, Ready &ready) {
  TF_CHECK(::epoll_ctl(epoll_.native_handle(), EPOLL_CTL_DEL, fd, nullptr) == 0);
  for (std::size_t i = next_; i < found_; ++i) {
    if (events_[i].data.ptr == &ready) events_[i].data.ptr = nullptr;
  }
}

void ReadySet::flush() {
  // Asio watches edge-triggered, and arming the wait anew reports what is still there.
  epoll_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code code) {
    if (!code) dispatch();  // Else the set is being destroyed.
  });
}

void ReadySet::dispatch() {
  shard_.woken();
  int const found = ::epoll_wait(epoll_.native_handle(), events_.data(), static_cast<int>(kEventsMax), 0);
  found_ = found > 0 ? static_cast<std::size_t>(found) : 0;
  for (next_ = 0; next_ < found_;) {
    auto const &event = events_[next_++];
    if (event.data.ptr == nullptr) continue;
    bool const writable = (event.events & EPOLLOUT) != 0;
    bool const readable = (event.events & ~std::uint32_t{EPOLLOUT}) != 0;
    static_cast<Ready *>(event.data.ptr)->on_ready(readable, writable);
  }
  found_ = next_ = 0;
  // Not before this turn's end: under load there is always more to read, and what was written would never leave.
  shard_.mark_dirty(*this);
}

}  // namespace tableforge::runtime
