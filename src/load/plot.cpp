#include "load/plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>

#include "load/quantity.hpp"

namespace tableforge::load {

namespace {

// The drawing is as wide as this many units, whatever the width of the page.
constexpr double kWidth = 640;
constexpr double kHeight = 320;
constexpr double kLeft = 64;
constexpr double kRight = kWidth - 76;  // Behind it stand the lines' names.
constexpr double kTop = 14;
constexpr double kBottom = kHeight - 50;
constexpr double kNameHeight = 14;
/// More names than this, or longer ones, do not fit side by side; then places are numbered, as in the table.
constexpr std::size_t kNamesMax = 6;
constexpr std::size_t kNameLengthMax = 14;
/// Dots of more places than this would hide the line.
constexpr std::size_t kDotsMax = 60;
constexpr std::size_t kLargeDotsMax = 16;

struct AxisMark {
  double value;
  std::string words;
};

/// From values to places on the drawing.
class AxisScale {
 public:
  AxisScale(double low, double high, bool logarithmic, double begin, double end)
      : low_(low), high_(high), begin_(begin), end_(end), logarithmic_(logarithmic) {}

  [[nodiscard]] double place(double value) const {
    double const part =
        logarithmic_ ? std::log(value / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
    return begin_ + part * (end_ - begin_);
  }
  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double high() const { return high_; }
  [[nodiscard]] bool logarithmic() const { return logarithmic_; }

 private:
  double low_;
  double high_;
  double begin_;
  double end_;
  bool logarithmic_;
};

/// The step of 1, 2 or 5 times a power of ten that cuts `range` into at most `parts`.
double round_step(double range, int parts) {
  double const power = std::pow(10, std::floor(std::log10(range / parts)));
  for (double const factor : {1.0, 2.0, 5.0}) {
    if (range / (factor * power) <= parts) return factor * power;
  }
  return 10 * power;
}

AxisScale linear_scale(double low, double high, int parts, double begin, double end) {
  if (!(high > low)) high = low + std::max(1.0, std::fabs(low) * 0.1);
  double const step = round_step(high - low, parts);
  return {std::floor(low / step + 1e-9) * step, std::ceil(high / step - 1e-9) * step, false, begin, end};
}

/// The next value of 1, 2 or 5 times a power of ten that is not above (or not below) this one.
double round_value(double value, bool up) {
  double const power = std::pow(10, std::floor(std::log10(value) + 1e-9));
  static constexpr double kFactors[] = {1, 2, 5, 10};
  if (up) {
    for (double const factor : kFactors) {
      if (factor * power >= value * (1 - 1e-9)) return factor * power;
    }
  }
  for (std::size_t i = std::size(kFactors); i-- > 0;) {
    if (kFactors[i] * power <= value * (1 + 1e-9)) return kFactors[i] * power;
  }
  return power;
}

AxisScale logarithmic_scale(double low, double high, double begin, double end) {
  low = round_value(low, false);
  high = round_value(high, true);
  // At least a decade, or noise would look like a mountain.
  if (high / low < 10) high = low * 10;
  return {low, high, true, begin, end};
}

std::vector<AxisMark> marks_of(AxisScale const &scale, int parts, PlotWords const &words) {
  std::vector<AxisMark> marks;
  if (!scale.logarithmic()) {
    double const step = round_step(scale.high() - scale.low(), parts);
    for (int i = 0; scale.low() + i * step <= scale.high() + step * 1e-6; ++i) {
      double const value = scale.low() + i * step;
      marks.push_back({value, words(value)});
    }
    return marks;
  }
  double const decades = std::log10(scale.high() / scale.low());
  // 1, 2 and 5 of each decade while there are few, then the powers alone, then every other of them.
  bool const between = decades <= 2.01;
  int const stride = std::max(1, static_cast<int>(std::ceil(decades / 7)));
  int const first = static_cast<int>(std::floor(std::log10(scale.low()) + 1e-9));
  for (int power = first; std::pow(10, power) <= scale.high() * (1 + 1e-9); ++power) {
    if ((power - first) % stride != 0) continue;
    for (double const factor : {1.0, 2.0, 5.0}) {
      double const value = factor * std::pow(10, power);
      if (factor > 1 && !between) break;
      if (value < scale.low() * (1 - 1e-9) || value > scale.high() * (1 + 1e-9)) continue;
      marks.push_back({value, words(value)});
    }
  }
  return marks;
}

std::string coordinate(double value) {
  char text[48];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string text_at(double x, double y, std::string_view attributes, std::string_view text) {
  return "<text x=\"" + coordinate(x) + "\" y=\"" + coordinate(y) + "\" " + std::string(attributes) + ">" +
         escaped(text) + "</text>\n";
}

std::string line_from(double x1, double y1, double x2, double y2, std::string_view style) {
  return "<line class=\"" + std::string(style) + "\" x1=\"" + coordinate(x1) + "\" y1=\"" + coordinate(y1) +
         "\" x2=\"" + coordinate(x2) + "\" y2=\"" + coordinate(y2) + "\"/>\n";
}

bool drawable(Plot const &plot, std::optional<double> value) {
  return value && std::isfinite(*value) && (!plot.y.logarithmic || *value > 0);
}

/// One plot that has something to show; a place for what the parts of its drawing share.
class Drawing {
 public:
  explicit Drawing(Plot const &plot)
      : plot_(plot), y_(scale_of_values(plot)), x_(scale_of_places(plot)), places_(count_of_places(plot)) {}

  std::string svg() const {
    std::string out = "<svg viewBox=\"0 0 640 320\" role=\"img\" aria-label=\"" + escaped(plot_.title) + "\">\n";
    out += value_axis();
    out += place_axis();
    for (PlotLine const &line : plot_.lines) out += curve(line);
    out += names_at_the_end();
    out += "</svg>\n";
    return out;
  }

 private:
  static std::size_t count_of_places(Plot const &plot) { return plot.x.names.size(); }

  static AxisScale scale_of_values(Plot const &plot) {
    double low = INFINITY;
    double high = -INFINITY;
    for (PlotLine const &line : plot.lines) {
      for (auto const &value : line.values) {
        if (!drawable(plot, value)) continue;
        low = std::min(low, *value);
        high = std::max(high, *value);
      }
    }
    if (plot.y.logarithmic) return logarithmic_scale(low, high, kBottom, kTop);
    return linear_scale(std::min(0.0, low), high > 0 ? high : 1, 6, kBottom, kTop);
  }

  static AxisScale scale_of_places(Plot const &plot) {
    auto const &at = plot.x.at;
    if (at.empty()) return {-0.5, static_cast<double>(plot.x.names.size()) - 0.5, false, kLeft, kRight};
    if (plot.x.logarithmic && at.front() > 0) {
      // To the ends, for a rounded end would be empty paper.
      return {at.front(), std::max(at.back(), at.front() * 10), true, kLeft, kRight};
    }
    return linear_scale(std::min(0.0, at.front()), at.back(), 8, kLeft, kRight);
  }

  [[nodiscard]] double x_of(std::size_t place) const {
    return x_.place(plot_.x.at.empty() ? static_cast<double>(place) : plot_.x.at[place]);
  }

  std::string value_axis() const {
    std::string out;
    for (AxisMark const &mark : marks_of(y_, 6, plot_.y.words)) {
      double const y = y_.place(mark.value);
      out += line_from(kLeft, y, kRight, y, "grid");
      out += text_at(kLeft - 8, y + 4, "class=\"mark\" text-anchor=\"end\"", mark.words);
    }
    return out + line_from(kLeft, kBottom, kRight, kBottom, "axis");
  }

  std::string place_axis() const {
    std::string out;
    auto const mark_at = [&](double x, std::string_view words) {
      out += line_from(x, kBottom, x, kBottom + 5, "axis");
      out += text_at(x, kBottom + 19, "class=\"mark\" text-anchor=\"middle\"", words);
    };
    if (!plot_.x.at.empty()) {
      for (AxisMark const &mark : marks_of(x_, 8, plot_.x.words)) mark_at(x_.place(mark.value), mark.words);
    } else {
      bool const numbered = places_ > kNamesMax || std::ranges::any_of(plot_.x.names, [](std::string const &name) {
                              return name.size() > kNameLengthMax;
                            });
      std::size_t const stride = numbered ? (places_ + 19) / 20 : 1;
      for (std::size_t i = 0; i < places_; i += stride) {
        mark_at(x_of(i), numbered ? std::to_string(i + 1) : plot_.x.names[i]);
      }
    }
    return out + text_at((kLeft + kRight) / 2, kHeight - 8, "class=\"label\" text-anchor=\"middle\"", plot_.x.label);
  }

  std::string curve(PlotLine const &line) const {
    std::string path;
    std::string dots;
    bool on = false;
    for (std::size_t i = 0; i < std::min(line.values.size(), places_); ++i) {
      if (!drawable(plot_, line.values[i])) {
        on = false;
        continue;
      }
      double const x = x_of(i);
      double const y = y_.place(*line.values[i]);
      path += (on && plot_.joined ? " L" : " M") + coordinate(x) + " " + coordinate(y);
      on = true;
      // A dot on a crowded line is only there to be pointed at.
      dots += "<circle cx=\"" + coordinate(x) + "\" cy=\"" + coordinate(y) + "\" r=\"" + std::string(dot_) +
              "\"><title>" + escaped(plot_.x.names[i] + ": " + line.name + " " + plot_.y.words(*line.values[i])) +
              "</title></circle>\n";
    }
    return "<g class=\"line " + escaped(line.colour) + "\">\n<path d=\"" + path + "\"/>\n" + dots + "</g>\n";
  }

  /// At the last value of each line, pushed apart so that none hides another.
  std::string names_at_the_end() const {
    struct Name {
      double x;
      double y;
      PlotLine const *line;
    };
    std::vector<Name> names;
    for (PlotLine const &line : plot_.lines) {
      for (std::size_t i = std::min(line.values.size(), places_); i-- > 0;) {
        if (!drawable(plot_, line.values[i])) continue;
        names.push_back({x_of(i), y_.place(*line.values[i]), &line});
        break;
      }
    }
    std::ranges::sort(names, {}, &Name::y);
    for (std::size_t i = 1; i < names.size(); ++i) names[i].y = std::max(names[i].y, names[i - 1].y + kNameHeight);
    double limit = kBottom;
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
      name->y = std::min(name->y, limit);
      limit = name->y - kNameHeight;
    }
    std::string out;
    for (Name const &name : names) {
      out += text_at(name.x + 9, name.y + 4, "class=\"name\"", name.line->name);
    }
    return out;
  }

  Plot const &plot_;
  AxisScale y_;
  AxisScale x_;
  std::size_t places_;
  std::string_view dot_ = places_ > kDotsMax ? "5\" class=\"hidden" : places_ > kLargeDotsMax ? "2.5" : "3.5";
};

std::string legend(Plot const &plot) {
  std::string out = "<ul class=\"legend\">\n";
  for (PlotLine const &line : plot.lines) {
    out += "<li><span class=\"key " + escaped(line.colour) + "\"></span>" + escaped(line.name) + "</li>\n";
  }
  return out + "</ul>\n";
}

}  // namespace

std::string to_html(Plot const &plot) {
  std::string out = "<figure>\n<figcaption>" + escaped(plot.title) + "</figcaption>\n";
  if (!plot.note.empty()) out += "<p class=\"note\">" + escaped(plot.note) + "</p>\n";
  bool const any = std::ranges::any_of(plot.lines, [&](PlotLine const &line) {
    return std::ranges::any_of(line.values, [&](auto const &value) { return drawable(plot, value); });
  });
  if (!any) return out + "<p class=\"nothing\">Nothing was measured.</p>\n</figure>\n";
  out += "<p class=\"unit\">" + escaped(plot.y.label) + "</p>\n";
  if (plot.lines.size() > 1) out += legend(plot);
  return out + Drawing(plot).svg() + "</figure>\n";
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char const c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default:
        if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
          out += "\uFFFD";
        } else {
          out += c;
        }
    }
  }
  return out;
}

}  // namespace tableforge::load
