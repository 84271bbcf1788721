#include "tableforge/load/load_report.hpp"

#include "load/json.hpp"

namespace tableforge::load {

namespace {

double microseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

Json json_of(LatencyQuantiles const &latency) {
  return {{"count", latency.count},
          {"p50_us", microseconds(latency.p50)},
          {"p90_us", microseconds(latency.p90)},
          {"p99_us", microseconds(latency.p99)},
          {"p999_us", microseconds(latency.p999)},
          {"max_us", microseconds(latency.max)}};
}

Json json_of(ProcessUse const &use) {
  return {{"cores", use.cores},
          {"resident_bytes", use.resident_bytes},
          {"busiest", use.busiest},
          {"busiest_cores", use.busiest_cores}};
}

/// What could not be read is null, never 0.
Json json_of(std::optional<ProcessUse> const &use) { return use ? json_of(*use) : Json(nullptr); }

Json json_of(LoadStage const &stage) {
  return {{"name", stage.name},
          {"seconds", stage.seconds},
          {"connections", stage.connections},
          {"offered_per_second", stage.offered_per_second},
          {"actions_sent", stage.actions_sent},
          {"actions_accepted", stage.actions_accepted},
          {"actions_refused", stage.actions_refused},
          {"actions_unanswered", stage.actions_unanswered},
          {"presence_sent", stage.presence_sent},
          {"deliveries", stage.deliveries},
          {"presence_deliveries", stage.presence_deliveries},
          {"presence_coalesced", stage.presence_coalesced},
          {"resyncs", stage.resyncs},
          {"bytes_received", stage.bytes_received},
          {"lost", stage.lost},
          {"doubled", stage.doubled},
          {"disordered", stage.disordered},
          {"connections_lost", stage.connections_lost},
          {"ack", json_of(stage.ack)},
          {"receipt", json_of(stage.receipt)},
          {"presence", json_of(stage.presence)},
          {"late", json_of(stage.late)},
          {"server", json_of(stage.server)},
          {"database", json_of(stage.database)},
          {"generator", json_of(stage.generator)}};
}

Json json_of(LoadSample const &sample) {
  return {{"at_seconds", sample.at_seconds},
          {"offered_per_second", sample.offered_per_second},
          {"actions_per_second", sample.actions_per_second},
          {"deliveries_per_second", sample.deliveries_per_second},
          {"ack_p50_us", microseconds(sample.ack_p50)},
          {"ack_p99_us", microseconds(sample.ack_p99)},
          {"presence_p50_us", microseconds(sample.presence_p50)},
          {"presence_p99_us", microseconds(sample.presence_p99)},
          {"connections", sample.connections},
          {"server", json_of(sample.server)},
          {"database", json_of(sample.database)},
          {"generator", json_of(sample.generator)}};
}

}  // namespace

std::string to_json(LoadReport const &report) {
  Json stages = Json::array();
  for (LoadStage const &stage : report.stages) stages.push_back(json_of(stage));
  Json samples = Json::array();
  for (LoadSample const &sample : report.samples) samples.push_back(json_of(sample));
  Json timings = Json::array();
  for (LoadTiming const &timing : report.timings) {
    timings.push_back({{"name", timing.name}, {"latency", json_of(timing.latency)}});
  }
  Json const json{
      {"passed", report.passed()},
      {"title", report.title},
      {"plan", report.plan},
      {"url", report.url},
      {"seed", report.seed},
      {"began_at", report.began_at},
      {"stages", std::move(stages)},
      {"samples", std::move(samples)},
      {"timings", std::move(timings)},
      {"saturation_per_second", report.saturation_per_second ? Json(*report.saturation_per_second) : Json(nullptr)},
      {"generator_was_full", report.generator_was_full},
      {"findings", report.findings},
      {"failures", report.failures}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tableforge::load
