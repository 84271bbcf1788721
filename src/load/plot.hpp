#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tableforge::load {

/// One line of a plot. Its colour is a class of the page's style: "p50", "server", …
struct PlotLine {
  std::string name;
  std::string colour;
  /// One for each place of the x axis. Where there is none the line is broken, for a value that is missing is not 0.
  std::vector<std::optional<double>> values;
};

/// Names a value of an axis, with its unit.
using PlotWords = std::function<std::string(double)>;

/// An axis of places. With `at` they are numbers, in rising order; without, the names stand side by side.
struct PlotPlaces {
  std::string label;
  std::vector<std::string> names;  ///< For people, one per place.
  std::vector<double> at;
  bool logarithmic = false;  ///< Where all of `at` are above 0; else it is ignored.
  PlotWords words;           ///< Of `at`.
};

struct PlotScale {
  std::string label;
  bool logarithmic = false;  ///< Then values of 0 and less are left out; else the axis begins at 0.
  PlotWords words;
};

struct Plot {
  std::string title;
  std::string note;  ///< A sentence below the title; empty for none.
  PlotPlaces x;
  PlotScale y;
  std::vector<PlotLine> lines;
  bool joined = true;  ///< Else dots alone, for places that do not follow from each other.
};

/// The plot as a <figure> with an inline SVG and a legend, to be coloured by the page's style. Each point tells its
/// value when it is pointed at. Where no line has a value, words say so in place of the axes.
///
/// Errors: none; all text is escaped, values that are not finite count as missing.
std::string to_html(Plot const &plot);

/// For text in HTML and in attributes. Control characters, which HTML does not allow, become U+FFFD.
std::string escaped(std::string_view text);

}  // namespace tableforge::load
