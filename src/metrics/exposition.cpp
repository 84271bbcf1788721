#include <array>
#include <limits>
#include <sstream>
#include <variant>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "tableforge/metrics/allocator.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/metrics/kernel_memory.hpp"

#include "metrics/process.hpp"

namespace tableforge::metrics {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// From a turn of a thread to the longest load: what a dashboard tells apart. The tuner reads the fine buckets.
constexpr std::array<std::uint64_t, 18> kLatencyBoundsMicros{
    25,     50,     100,     250,     500,     1'000,     2'500,     5'000,     10'000,
    25'000, 50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};
/// 1 … 16 Mi in powers of two: rows at the low end, bytes at the high one.
constexpr unsigned kSizeBoundBits = 24;
constexpr double kSecondsPerNano = 1e-9;

MetricFamily family(std::string_view name, std::string_view help, MetricType type) {
  return {.name = std::string(name), .help = std::string(help), .type = type, .metric = {}};
}

MetricFamily gauge(std::string_view name, std::string_view help, double value) {
  MetricFamily made = family(name, help, MetricType::Gauge);
  made.metric.emplace_back().gauge.value = value;
  return made;
}

MetricFamily counter(std::string_view name, std::string_view help, double value) {
  MetricFamily made = family(name, help, MetricType::Counter);
  made.metric.emplace_back().counter.value = value;
  return made;
}

void add_bucket(ClientMetric::Histogram &histogram, std::uint64_t cumulative, double bound) {
  histogram.bucket.push_back({.cumulative_count = cumulative, .upper_bound = bound});
}

void close_histogram(ClientMetric::Histogram &histogram, HistogramSnapshot const &snapshot, double sum) {
  add_bucket(histogram, snapshot.count(), std::numeric_limits<double>::infinity());
  histogram.sample_count = snapshot.count();
  histogram.sample_sum = sum;
}

void fill(ClientMetric &client, Counter const &metric) { client.counter.value = static_cast<double>(metric.value()); }

void fill(ClientMetric &client, SecondsCounter const &metric) {
  client.counter.value = static_cast<double>(metric.value().count()) * kSecondsPerNano;
}

void fill(ClientMetric &client, RealGauge const &metric) { client.gauge.value = metric.value(); }

void fill(ClientMetric &client, Gauge const &metric) { client.gauge.value = static_cast<double>(metric.value()); }

void fill(ClientMetric &client, LatencyHistogram const &metric) {
  HistogramSnapshot const snapshot = metric.snapshot();
  for (std::uint64_t const micros : kLatencyBoundsMicros) {
    add_bucket(client.histogram, snapshot.count_at_most(micros * 1'000), static_cast<double>(micros) / 1e6);
  }
  close_histogram(client.histogram, snapshot, static_cast<double>(snapshot.sum()) * kSecondsPerNano);
}

void fill(ClientMetric &client, SizeHistogram const &metric) {
  HistogramSnapshot const snapshot = metric.snapshot();
  for (unsigned bit = 0; bit <= kSizeBoundBits; ++bit) {
    std::uint64_t const bound = std::uint64_t{1} << bit;
    add_bucket(client.histogram, snapshot.count_at_most(bound), static_cast<double>(bound));
  }
  close_histogram(client.histogram, snapshot, static_cast<double>(snapshot.sum()));
}

constexpr MetricType type_of(Counter const *) { return MetricType::Counter; }
constexpr MetricType type_of(SecondsCounter const *) { return MetricType::Counter; }
constexpr MetricType type_of(RealGauge const *) { return MetricType::Gauge; }
constexpr MetricType type_of(Gauge const *) { return MetricType::Gauge; }
constexpr MetricType type_of(LogHistogram const *) { return MetricType::Histogram; }

template <class M>
MetricFamily export_metric(MetricSet::Entry const &entry, M const &metric) {
  MetricFamily made = family(entry.name, entry.help, type_of(&metric));
  fill(made.metric.emplace_back(), metric);
  return made;
}

template <class M>
MetricFamily export_metric(MetricSet::Entry const &entry, Family<M> const &metric) {
  MetricFamily made = family(entry.name, entry.help, type_of(static_cast<M const *>(nullptr)));
  auto const labels = metric.labels();
  auto const add = [&](M const &one, std::vector<ClientMetric::Label> words) {
    ClientMetric &client = made.metric.emplace_back();
    client.label = std::move(words);
    fill(client, one);
  };
  for (std::size_t i = 0; i < labels[0].words.size(); ++i) {
    ClientMetric::Label const first{labels[0].name, labels[0].words[i]};
    if (labels.size() == 1) {
      add(metric.at(i), {first});
      continue;
    }
    for (std::size_t j = 0; j < labels[1].words.size(); ++j) {
      add(metric.at(i, j), {first, {labels[1].name, labels[1].words[j]}});
    }
  }
  return made;
}

void add_process(std::vector<MetricFamily> &families) {
  ProcessNumbers const process = process_numbers();
  auto const add_gauge = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    families.push_back(gauge(name, help, static_cast<double>(value)));
  };
  families.push_back(
      counter("process_cpu_seconds_total", "User and system CPU time spent by the process.", process.cpu_seconds));
  add_gauge("process_resident_memory_bytes", "Resident memory of the process.", process.resident_bytes);
  add_gauge("process_virtual_memory_bytes", "Virtual memory of the process.", process.virtual_bytes);
  add_gauge("process_open_fds", "Open file descriptors.", process.open_fds);
  add_gauge("process_max_fds", "Most file descriptors the process may have open.", process.max_fds);
  add_gauge("process_threads", "Threads of the process.", process.threads);
  families.push_back(gauge("process_start_time_seconds", "When the process started, in seconds since the epoch.",
                           process.start_time_seconds));
}

/// Families of what this machine does not tell are left out.
void add_memory(std::vector<MetricFamily> &families) {
  auto const add_bytes = [&](std::string_view name, std::string_view help, std::uint64_t value) {
    families.push_back(gauge(name, help, static_cast<double>(value)));
  };
  if (auto const allocator = allocator_numbers()) {
    add_bytes("tableforge_memory_allocated_bytes", "What the program holds of the allocator.", allocator->allocated);
    add_bytes("tableforge_memory_active_bytes", "The pages which that is in.", allocator->active);
    add_bytes("tableforge_memory_resident_bytes", "What the allocator has of the kernel, freed pages included.",
              allocator->resident);
    families.push_back(counter("tableforge_memory_purged_bytes_total", "Freed pages that were given back.",
                               static_cast<double>(allocator->purged)));
  }
  auto const kernel = kernel_memory();
  MetricFamily faults = family("tableforge_page_faults_total",
                               "Pages the kernel had to find, by whether it had to read for it.", MetricType::Counter);
  for (auto const &[kind, count] : {std::pair("minor", kernel.minor_faults), std::pair("major", kernel.major_faults)}) {
    ClientMetric &client = faults.metric.emplace_back();
    client.label = {{"kind", std::string(kind)}};
    client.counter.value = static_cast<double>(count);
  }
  families.push_back(std::move(faults));
  if (kernel.group_usage) {
    add_bytes("tableforge_cgroup_memory_bytes", "Memory of the control group, without files that can be dropped.",
              *kernel.group_usage);
  }
  if (kernel.group_limit) {
    add_bytes("tableforge_cgroup_memory_limit_bytes", "How much the control group may have.", *kernel.group_limit);
  }
  if (kernel.stalled) {
    families.push_back(gauge("tableforge_memory_stalled_ratio",
                             "The share of ten seconds in which somebody waited for memory.", *kernel.stalled));
  }
}

MetricFamily build_family(BuildInfo const &build) {
  MetricFamily made = gauge("tableforge_build_info", "1, with what was built as labels.", 1);
  made.metric.front().label = {{"version", build.version}, {"revision", build.revision}};
  return made;
}

MetricFamily knob_family(KnobSet const &knobs) {
  MetricFamily made = family("tableforge_knob", "The value of each knob, in its own unit.", MetricType::Gauge);
  knobs.for_each([&](AnyKnob const &knob) {
    ClientMetric &client = made.metric.emplace_back();
    client.label = {{"name", std::string(knob.info().name)}};
    client.gauge.value = knob.number();
  });
  return made;
}

}  // namespace

std::string Catalogue::text(KnobSet const *knobs) const {
  std::vector<MetricFamily> families;
  for (MetricSet const *set : sets()) {
    for (MetricSet::Entry const &entry : set->entries()) {
      families.push_back(std::visit([&](auto const *metric) { return export_metric(entry, *metric); }, entry.metric));
    }
  }
  if (knobs != nullptr) families.push_back(knob_family(*knobs));
  families.push_back(build_family(build));
  add_process(families);
  add_memory(families);
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return std::move(out).str();
}

}  // namespace tableforge::metrics
