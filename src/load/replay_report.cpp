#include <cstdio>

#include "tableforge/load/replay.hpp"

#include "load/in_milliseconds.hpp"
#include "load/json.hpp"

namespace tableforge::load {

namespace {

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

}  // namespace

std::string summary(ReplayReport const &report) {
  auto const number = [](std::uint64_t value) { return std::to_string(value); };
  std::string text;
  text += "games        " + number(report.games_finished) + " of " + number(report.games) + " on " +
          number(report.tables) + " tables at once\n";
  text += "actions      " + number(report.actions) + " in " + fixed(report.seconds, 1) + " s, " +
          fixed(report.actions_per_second, 0) + "/s; send to own event p50 " +
          fixed(in_milliseconds(report.ack_p50), 2) + " ms, p99 " + fixed(in_milliseconds(report.ack_p99), 2) + " ms\n";
  text += "deliveries   " + number(report.deliveries) + " events, " + number(report.bytes) + " bytes\n";
  text += "cuts         " + number(report.cuts) + " on purpose, " + number(report.losses) + " not; resumed by replay " +
          number(report.resumes_replay) + ", by snapshot " + number(report.resumes_snapshot) + "\n";
  text += "sent again   " + number(report.resends) + " after a cut, " + number(report.repeats) + " on purpose, " +
          number(report.retries) + " because the server asked\n";
  text += "compared     " + number(report.comparisons) + " states; " + number(report.refusals) +
          " forbidden things refused\n";
  text += "leaks        " + number(report.leaks) + "\n";
  text += "mismatches   " + number(report.mismatches) + "\n";
  for (auto const &finding : report.findings) text += "  " + finding + "\n";
  text += "seed         " + number(report.seed) + "\n";
  text += report.passed() ? "passed\n" : "FAILED\n";
  return text;
}

std::string to_json(ReplayReport const &report) {
  Json const json{{"passed", report.passed()},
                  {"seed", report.seed},
                  {"tables", report.tables},
                  {"games", report.games},
                  {"games_finished", report.games_finished},
                  {"actions", report.actions},
                  {"deliveries", report.deliveries},
                  {"bytes", report.bytes},
                  {"cuts", report.cuts},
                  {"losses", report.losses},
                  {"resumes_replay", report.resumes_replay},
                  {"resumes_snapshot", report.resumes_snapshot},
                  {"resends", report.resends},
                  {"repeats", report.repeats},
                  {"retries", report.retries},
                  {"refusals", report.refusals},
                  {"comparisons", report.comparisons},
                  {"leaks", report.leaks},
                  {"mismatches", report.mismatches},
                  {"seconds", report.seconds},
                  {"actions_per_second", report.actions_per_second},
                  {"ack_p50_ms", in_milliseconds(report.ack_p50)},
                  {"ack_p99_ms", in_milliseconds(report.ack_p99)},
                  {"findings", report.findings}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tableforge::load
