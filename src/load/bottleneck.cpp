#include "load/bottleneck.hpp"

#include "load/quantity.hpp"

namespace tableforge::load {

namespace {

// A thread that is runnable all the time still loses some of it to whatever else the machine does.
constexpr double kFullThread = 0.85;
constexpr double kFullGenerator = 0.9;
constexpr double kFullMachineShare = 0.88;
// Below this share of the actions answered, one way or the other, the load was not carried.
constexpr double kAnsweredShare = 0.95;
// Nor is it if the median answer takes this long: a queue stands somewhere.
constexpr std::chrono::milliseconds kQueueing{20};
// A generator whose core has time to spare is late by this much only if it is kept from its core.
constexpr std::chrono::milliseconds kKeptWaiting{10};

bool was_carried(LoadStage const &stage) {
  auto const answered = static_cast<double>(stage.actions_accepted + stage.actions_refused);
  return answered >= kAnsweredShare * static_cast<double>(stage.actions_sent) && stage.ack.p50 < kQueueing;
}

double cores_of(std::optional<ProcessUse> const &use) { return use ? use->cores : 0; }

std::string largest_user(LoadStage const &stage) {
  double const server = cores_of(stage.server);
  double const database = cores_of(stage.database);
  if (stage.generator.cores >= server && stage.generator.cores >= database) return "the generator";
  return server >= database ? "the server" : "PostgreSQL";
}

bool is_full(std::optional<ProcessUse> const &use) { return use && use->busiest_cores >= kFullThread; }

}  // namespace

std::string cpu_words(LoadStage const &stage) {
  std::string words;
  if (stage.server) words += "server " + cores_words(stage.server->cores) + ", ";
  if (stage.database) words += "PostgreSQL " + cores_words(stage.database->cores) + ", ";
  return words + "generator " + cores_words(stage.generator.cores);
}

Bottleneck bottleneck_of(LoadStage const &stage, unsigned machine_cores) {
  using Kind = Bottleneck::Kind;
  std::string const cpu = cpu_words(stage);
  if (stage.generator.cores >= kFullGenerator) {
    return {.kind = Kind::generator,
            .words = "the generator's own core was full (" + cpu + "), so the figures are lower bounds",
            .advice = "give the generator a core of its own or another machine, or offer less"};
  }
  double const all = cores_of(stage.server) + cores_of(stage.database) + stage.generator.cores;
  if (machine_cores > 0 && all >= kFullMachineShare * machine_cores) {
    return {.kind = Kind::machine,
            .words = "all " + std::to_string(machine_cores) + " cores of the machine were full (" + cpu +
                     "), most of it by " + largest_user(stage),
            .advice = "run generator and PostgreSQL elsewhere, or take a machine with more cores"};
  }
  if (is_full(stage.server)) {
    bool const shard = stage.server->busiest.starts_with("tf-shard");
    return {.kind = Kind::server,
            .words = "the server's thread " + stage.server->busiest +
                     " was full: " + cores_words(stage.server->busiest_cores) + " (" + cpu + ")",
            .advice = shard ? "raise io_threads while there are cores, or put tables on a further instance"
                            : "raise journal_writers while there are cores"};
  }
  if (is_full(stage.database)) {
    return {
        .kind = Kind::database,
        .words = "a process of PostgreSQL was full: " + cores_words(stage.database->busiest_cores) + " (" + cpu + ")",
        .advice = "raise journal_writers so that commits share it out, or give PostgreSQL faster cores"};
  }
  if (!was_carried(stage) && stage.late.p99 >= kKeptWaiting) {
    return {.kind = Kind::neighbours,
            .words = "other work on this machine had the cores: none of the three had much (" + cpu +
                     "), and the generator itself was " + duration_words(stage.late.p99) + " late (p99)",
            .advice = "measure again when the machine does nothing else"};
  }
  if (!was_carried(stage)) {
    return {
        .kind = Kind::commits,
        .words = "no CPU was full (" + cpu + "), and yet the load was not carried: actions waited",
        .advice = "look at what commits take: a disk that is slow to sync, a server of PostgreSQL that is far away"};
  }
  return {.kind = Kind::none, .words = "nothing was full (" + cpu + ")", .advice = "offer more to find the limit"};
}

}  // namespace tableforge::load
