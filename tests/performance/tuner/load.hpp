#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace tableforge::test {

/// A stretch of load with one character.
struct LoadPhase {
  double hours = 1;
  double reads_per_s = 400;
  double exponent = 0.9;         ///< Of the popularity of keys, by rank.
  std::uint64_t hot = 1;         ///< Which keys are popular: another number, other keys.
  double writes_per_s = 20;      ///< That invalidate nothing: lost on the way, or of somebody else.
  bool writes_by_reads = false;  ///< What is read more is written more. Else all keys alike.
  double followed = 0;           ///< The share of reads that a write of the same key follows,
  double follows_after_s = 0.5;  ///< on average so soon.
  double scanned = 0;            ///< The share of reads that walk through keys nobody else reads, each in its turn.
};

struct Scenario {
  std::string name;
  double default_ttl_s = 12.8;
  std::vector<LoadPhase> phases;
  double hours() const;
  /// How many keys are read, those that are scanned included.
  std::size_t keys() const;
};

/// A read, and whether the key was written since an earlier moment.
///
/// The sequence of reads and writes is a function of the scenario and the seed alone, so that all arms meet the same.
class Load {
 public:
  static constexpr std::size_t kKeys = 20'000;
  /// Behind those: so many that none is read again before any lifetime is over.
  static constexpr std::size_t kScannedKeys = 400'000;

  Load(Scenario const &scenario, std::uint64_t seed);

  struct Read {
    std::size_t key;
    double at;          ///< Seconds since the beginning.
    double last_write;  ///< Of this key; below 0 if there was none.
    std::size_t phase;
  };
  /// False at the end.
  bool next(Read &read);

 private:
  void begin_phase();
  [[nodiscard]] double exponential(double mean);
  [[nodiscard]] double share() { return static_cast<double>(random_() >> 11) * 0x1p-53; }

  std::vector<LoadPhase> phases_;
  std::size_t phase_ = 0;
  double now_ = 0;
  double phase_end_ = 0;
  std::mt19937_64 random_;

  struct Key {
    double next_write;
    double last_write = -1;
    double mean_gap;  ///< Between its writes; infinite if it has none.
  };
  std::vector<Key> keys_;
  std::size_t scanned_ = 0;
  // Walker's alias method (ACM Transactions on Mathematical Software 3, 1977): one draw picks a key by popularity.
  std::vector<double> keep_;
  std::vector<std::uint32_t> alias_;
};

}  // namespace tableforge::test
