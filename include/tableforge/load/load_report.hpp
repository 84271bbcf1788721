#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tableforge::load {

/// How long something took, over all that was counted.
struct LatencyQuantiles {
  std::uint64_t count = 0;
  std::chrono::nanoseconds p50{0};
  std::chrono::nanoseconds p90{0};
  std::chrono::nanoseconds p99{0};
  std::chrono::nanoseconds p999{0};
  std::chrono::nanoseconds max{0};
};

/// What a process used during a time: CPU in cores (1 = one core all the time), memory as it was at the end.
struct ProcessUse {
  double cores = 0;
  std::uint64_t resident_bytes = 0;
  double busiest_cores = 0;  ///< Of the thread that used most; of PostgreSQL, which has none, the process.
  std::string busiest{};     ///< Its name, where one was seen.
};

/// Something that was timed beside the messages, such as a read over HTTP.
struct LoadTiming {
  std::string name;
  LatencyQuantiles latency;
};

/// A part of a load run under one kind of load: a step of a ramp, a spike, or all of it.
///
/// Latencies count from when a message was due, not from when it was sent, so that a stalled server is not forgiven.
struct LoadStage {
  std::string name;  ///< For people: "300 connections", "2,000 actions/s".
  double seconds = 0;
  std::uint64_t connections = 0;
  double offered_per_second = 0;  ///< Actions and presence messages together.
  std::uint64_t actions_sent = 0;
  std::uint64_t actions_accepted = 0;
  std::uint64_t actions_refused = 0;  ///< Answered with an error; told so, hence not lost.
  std::uint64_t presence_sent = 0;
  std::uint64_t deliveries = 0;           ///< Events that reached a connection, the sender's own included.
  std::uint64_t presence_deliveries = 0;  ///< Presence messages that reached another connection.
  std::uint64_t presence_coalesced = 0;   ///< Due to others and replaced by a later one on purpose: no loss.
  std::uint64_t resyncs = 0;              ///< Fresh states for those who had fallen too far behind: no loss.
  std::uint64_t bytes_received = 0;
  std::uint64_t lost = 0;        ///< Accepted or acknowledged, and never seen by somebody who was there.
  std::uint64_t doubled = 0;     ///< Seen twice by the same connection without having been asked for.
  std::uint64_t disordered = 0;  ///< A seq that did not follow the one before it.
  std::uint64_t connections_lost = 0;
  std::uint64_t actions_unanswered = 0;  ///< On their way when their connection ended: nobody promised anything.
  LatencyQuantiles ack;                  ///< Due to the sender's own event.
  LatencyQuantiles receipt;              ///< Due to receipt by the others at the table.
  LatencyQuantiles presence;             ///< Due to receipt by the others.
  LatencyQuantiles late;                 ///< Due to sent: how far the generator was behind its own plan.
  std::optional<ProcessUse> server;
  std::optional<ProcessUse> database{};  ///< All of PostgreSQL's processes together.
  ProcessUse generator;
};

/// One point of the time line.
struct LoadSample {
  double at_seconds = 0;  ///< Since the first message was due.
  double offered_per_second = 0;
  double actions_per_second = 0;  ///< Accepted.
  double deliveries_per_second = 0;
  std::chrono::nanoseconds ack_p50{0};
  std::chrono::nanoseconds ack_p99{0};
  std::chrono::nanoseconds presence_p50{0};
  std::chrono::nanoseconds presence_p99{0};
  std::uint64_t connections = 0;
  std::optional<ProcessUse> server;
  std::optional<ProcessUse> database{};
  ProcessUse generator;
};

/// What a load run did and found.
struct LoadReport {
  std::string title;  ///< "Load", or the name of the suite's test.
  std::string plan;   ///< The load in words: tables, players, rate, mix.
  std::string url;
  std::uint64_t seed = 0;
  std::string began_at;  ///< RFC 3339.
  std::vector<LoadStage> stages;
  std::vector<LoadSample> samples;
  std::vector<LoadTiming> timings;
  std::optional<double> saturation_per_second;  ///< The highest rate that held the bound, when it was looked for.
  bool generator_was_full = false;              ///< Its own core was: every rate is then a lower bound.
  std::vector<std::string> findings;            ///< In words: what limited, what to do; and what failed.
  /// What kept the run from being whole, each in words: a setup that failed, a message that broke the protocol.
  std::vector<std::string> failures;

  /// Nothing lost, doubled or out of order, in any stage, and no failure.
  [[nodiscard]] bool passed() const;
};

/// For a person at a terminal, several lines.
std::string summary(LoadReport const &report);
/// The same for a program: one JSON object; durations in microseconds (`_us`), CPU in cores.
std::string to_json(LoadReport const &report);
/// One self-contained page with inline SVG plots: latency over load, throughput, CPU, memory and the time line.
std::string to_html(LoadReport const &report);

}  // namespace tableforge::load
