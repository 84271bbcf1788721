#include "tableforge/runtime/shards.hpp"

#include <string>

#include <pthread.h>

#include "tableforge/base/check.hpp"

namespace tableforge::runtime {

Shards::Shards(unsigned count, metrics::RuntimeMetrics &metrics) {
  TF_CHECK(count > 0);
  shards_.reserve(count);
  for (unsigned index = 0; index < count; ++index) shards_.push_back(std::make_unique<Shard>(index, metrics));
}

Shards::~Shards() {
  stop();
  join();
}

void Shards::start() {
  TF_CHECK(threads_.empty());
  for (auto &shard : shards_) {
    threads_.emplace_back([&shard = *shard] {
      ::pthread_setname_np(::pthread_self(), ("tf-shard-" + std::to_string(shard.index())).c_str());
      shard.run();
    });
  }
}

void Shards::stop() {
  for (auto &shard : shards_) shard->stop();
}

void Shards::join() {
  for (std::thread &thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace tableforge::runtime
