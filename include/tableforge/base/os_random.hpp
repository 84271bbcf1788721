#pragma once

#include <cstddef>
#include <span>

namespace tableforge {

/// Fills `out` from the kernel's cryptographic generator. Aborts if the kernel cannot deliver, because
/// nothing that asks for randomness may go on without it.
void os_random(std::span<std::byte> out);

}  // namespace tableforge
