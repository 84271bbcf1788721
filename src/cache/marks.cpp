#include "tableforge/cache/marks.hpp"

#include <algorithm>

namespace tableforge::cache {

void Marks::mark(std::uint64_t hash, Version version) {
  if (version == 0) return;  // Nothing is older.
  if (marks_.empty()) {
    marks_.resize(kMarksMax);
    buckets_.resize(kMarksMax);
  }
  auto const known = number_of(hash);
  if (known != 0) {
    auto &mark = marks_[known % kMarksMax];
    version = std::max(version, mark.version);
    if (latest_ - known < kMarksMax / 2) {
      mark.version = version;
      return;
    }
  }
  auto &bucket = buckets_[hash % kMarksMax];
  ++latest_;
  marks_[latest_ % kMarksMax] = {hash, version, bucket};
  bucket = latest_;
}

Version Marks::of(std::uint64_t hash) const {
  auto const number = number_of(hash);
  return number == 0 ? 0 : marks_[number % kMarksMax].version;
}

/// The newest, if there are two.
std::uint64_t Marks::number_of(std::uint64_t hash) const {
  if (marks_.empty()) return 0;
  auto number = buckets_[hash % kMarksMax];
  while (is_remembered(number) && marks_[number % kMarksMax].hash != hash) number = marks_[number % kMarksMax].previous;
  return is_remembered(number) ? number : 0;
}

}  // namespace tableforge::cache
