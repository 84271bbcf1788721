#include "gateway/upgrade.hpp"

#include <utility>

#include <unistd.h>

namespace tableforge::gateway {

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

int Fd::release() { return std::exchange(fd_, -1); }

}  // namespace tableforge::gateway
