#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tableforge/load/load_report.hpp"

#include "load/plot.hpp"

namespace tableforge::test {

/// A number that a test found, and what it is held against.
struct Figure {
  /// Where missing the bar makes the test fail.
  enum class Kind : std::uint8_t {
    told,      ///< Nowhere: it stands in the report with its verdict, if it has a bar.
    absolute,  ///< Where absolute figures can be trusted (MeasuringMode).
    ratio,     ///< Wherever something is measured, thus not in the short mode.
    right,     ///< Everywhere.
  };
  enum class Must : std::uint8_t { be_anything, be_at_most, be_at_least };

  std::string name;
  double value = 0;
  std::string unit{};  ///< "ns", "hits/s", "%"; empty for a plain number.
  Must must = Must::be_anything;
  double bar = 0;
  Kind kind = Kind::told;

  /// A number that could not be found meets no bar.
  [[nodiscard]] bool met() const;
  /// "at most 150 ns"; empty without a bar.
  [[nodiscard]] std::string bar_words() const;
  [[nodiscard]] std::string value_words() const;
};

/// How much a run is worth. Decided once, from the build and $TABLEFORGE_PERFORMANCE_QUICK.
struct MeasuringMode {
  bool quick = false;      ///< Seconds instead of minutes, to see that everything works: figures mean nothing.
  bool release = false;    ///< What is deployed, without sanitizers.
  std::string build = {};  ///< For people.

  [[nodiscard]] bool enforces(Figure::Kind kind) const;
};
MeasuringMode const &measuring_mode();

/// The first of them in the short mode, else the second.
template <class T>
T by_mode(T quick, T whole) {
  return measuring_mode().quick ? quick : whole;
}

/// What one test of the suite did, found and recommends.
struct CacheReport {
  std::string title;
  std::string plan;  ///< What was done, in words.
  std::string began_at;
  std::vector<Figure> figures;
  std::vector<load::LoadTiming> timings;
  std::vector<load::Plot> plots;
  std::vector<std::string> findings;         ///< In words.
  std::vector<std::string> recommendations;  ///< Likewise: which knob to turn, and when.
  std::vector<std::string> failures;         ///< What was wrong, whatever the figures say.
  std::uint64_t reads_watched = 0;           ///< Reads whose age was compared with their class's bound …
  std::uint64_t stale_reads = 0;             ///< … and those of them that were older.

  explicit CacheReport(std::string its_title, std::string its_plan);

  Figure const &add(Figure figure);
  load::LatencyQuantiles const &time(std::string name, load::LatencyQuantiles latency);

  /// Everything that makes the test fail, in words.
  [[nodiscard]] std::vector<std::string> faults(MeasuringMode const &mode) const;
};

std::string to_json(CacheReport const &report, MeasuringMode const &mode);
/// One self-contained page.
std::string to_html(CacheReport const &report, MeasuringMode const &mode);

/// Prints it, leaves NAME.json and NAME.html (in the short mode nothing), and has the current test fail for each fault.
void conclude(CacheReport const &report, std::string const &name);

}  // namespace tableforge::test
