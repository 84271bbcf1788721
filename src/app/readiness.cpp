#include "app/readiness.hpp"

#include "tableforge/base/json_writer.hpp"

namespace tableforge::app {

bool Readiness::degraded() const {
  return !postgres_up() || redis_.load(std::memory_order_relaxed) == redis::Health::down;
}

std::string Readiness::json() const {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("status");
  writer.string(word(phase_.load(std::memory_order_relaxed)));
  writer.key("degraded");
  writer.boolean(degraded());
  writer.key("postgres");
  writer.string(postgres_up() ? "up" : "down");
  writer.key("redis");
  writer.string(word(redis_.load(std::memory_order_relaxed)));
  writer.end_object();
  return out;
}

}  // namespace tableforge::app
