#pragma once

namespace tableforge::gateway {

/// What one address may do; 0 is without a limit.
struct AddressLimits {
  unsigned connections = 0;
  unsigned requests_per_second = 0;
  unsigned upgrades_per_second = 0;

  [[nodiscard]] bool any() const { return connections > 0 || requests_per_second > 0 || upgrades_per_second > 0; }
};

}  // namespace tableforge::gateway
