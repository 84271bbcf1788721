#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace tableforge::cache {

using Clock = std::chrono::steady_clock;

/// Grows with each change of the value at the origin. 0 for what never changes.
using Version = std::uint64_t;

/// One cached value, as a shelf keeps it. Never changed; whoever reads it shares it.
struct Entry {
  std::shared_ptr<void const> value;  // Null: the origin has nothing under this key.
  Version version = 0;
  Clock::time_point filled_at{};  // When it was read at the origin. The TTL counts from here, at each read.
  Clock::duration load_cost{};    // What the origin took, which early refresh needs.
  std::size_t bytes = 0;  // Of the value, as its class counts them (base/heap_bytes.hpp). The shelf adds the rest.
};

}  // namespace tableforge::cache
