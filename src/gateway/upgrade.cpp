#include "gateway/upgrade.hpp"

#include <utility>

#include <unistd.h>

namespace tableforge::gateway {

Fd::~Fd() { close(); }

void Fd::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

int Fd::release() { return std::exchange(fd_, -1); }

}  // namespace tableforge::gateway
