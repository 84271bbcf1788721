#pragma once

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include "tableforge/base/ids.hpp"
#include "tableforge/runtime/shard.hpp"

namespace tableforge::runtime {

/// All I/O threads of the process. A table belongs to one of them for as long as the process lives.
///
/// Threads: start(), stop(), join() by the owner; the getters from any.
/// Owns:    the shards and their threads. The destructor stops and joins them, then destroys what still waited there.
class Shards {
 public:
  /// At least one. No thread runs before start().
  Shards(unsigned count, metrics::RuntimeMetrics &metrics);
  ~Shards();
  Shards(Shards const &) = delete;
  Shards &operator=(Shards const &) = delete;

  void start();
  void stop();
  /// Waits until every loop has returned. After it, the shards' contents may be destroyed from the calling thread.
  void join();

  [[nodiscard]] std::size_t size() const { return shards_.size(); }
  [[nodiscard]] Shard &operator[](std::size_t index) { return *shards_[index]; }
  [[nodiscard]] Shard &of(TableId const &table) { return *shards_[std::hash<TableId>{}(table) % shards_.size()]; }

 private:
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::thread> threads_;
};

}  // namespace tableforge::runtime
