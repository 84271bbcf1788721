#pragma once

#include <cstddef>

namespace tableforge::storage {

/// The newest may turn out to be unreadable by a version that was rolled back to; the one before it bridges that.
inline constexpr std::size_t kSnapshotsKept = 2;

}  // namespace tableforge::storage
