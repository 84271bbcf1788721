#include "tuner/evidence.hpp"

#include <cmath>
#include <concepts>

#include "tableforge/base/json_fields.hpp"

#include "tuner/trial.hpp"

namespace tableforge::tuner {

namespace {

struct Special {
  /// JSON has no infinity, which is where an interval ends that knows nothing.
  void operator()(JsonWriter &writer, std::same_as<double> auto value) const {
    if (std::isfinite(value)) {
      writer.number(value);
    } else {
      writer.null();
    }
  }
};

void write(JsonWriter &writer, std::string_view name, Estimate const &estimate) {
  writer.key(name);
  writer.begin_object();
  write_field(writer, "mean", estimate.mean, Special{});
  write_field(writer, "low", estimate.low, Special{});
  write_field(writer, "high", estimate.high, Special{});
  write_field(writer, "n", estimate.n, Special{});
  writer.end_object();
}

void write_prediction(JsonWriter &writer, Candidate const &candidate, Weights const &weights) {
  write_field(writer, "weights", weights, Special{});
  writer.key("predicted");
  writer.begin_object();
  write(writer, "log_ratio", candidate.log_ratio);
  write_field(writer, "now", candidate.now, Special{});
  write_field(writer, "then", candidate.predicted, Special{});
  writer.end_object();
}

}  // namespace

std::string evidence_of(Candidate const &candidate, Weights const &weights) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object();
  write_prediction(writer, candidate, weights);
  writer.end_object();
  return json;
}

std::string evidence_of(Trial const &trial, Judgement const &judgement, Weights const &weights) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object();
  write_prediction(writer, trial.candidate(), weights);
  writer.key("measured");
  writer.begin_object();
  write(writer, "log_ratio", judgement.log_ratio);
  write_field(writer, "control", trial.control(), Special{});
  write_field(writer, "treated", trial.treated(), Special{});
  writer.key("guards");
  writer.begin_array();
  for (GuardFinding const &guard : judgement.guards) {
    writer.begin_object();
    write_field(writer, "name", guard.name, Special{});
    write_field(writer, "margin", guard.margin, Special{});
    write(writer, "change", guard.change);
    write_field(writer, "held", guard.held, Special{});
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  writer.end_object();
  return json;
}

}  // namespace tableforge::tuner
