#include "load/plot.hpp"

#include <cmath>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "load/quantity.hpp"

namespace tableforge::load {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t occurrences(std::string const &text, std::string_view of) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(of, at)) != std::string::npos; at += of.size()) ++count;
  return count;
}

Plot plot_of(std::vector<std::optional<double>> values) {
  Plot plot{.title = "Latency",
            .note = {},
            .x = {.label = "stage", .names = {}, .at = {}, .words = short_number},
            .y = {.label = "seconds", .words = short_number},
            .lines = {{.name = "p50", .colour = "p50", .values = std::move(values)}}};
  for (std::size_t i = 0; i < plot.lines[0].values.size(); ++i) plot.x.names.push_back("stage " + std::to_string(i));
  return plot;
}

TEST(Plot, TellsEachPointItsValue) {
  std::string const html = to_html(plot_of({1, 2, 3}));

  EXPECT_EQ(occurrences(html, "<circle"), 3u);
  EXPECT_THAT(html, HasSubstr("<title>stage 1: p50 2</title>"));
}

TEST(Plot, BreaksTheLineWhereAValueIsMissing) {
  std::string const html = to_html(plot_of({1, 2, std::nullopt, 4, 5}));

  EXPECT_EQ(occurrences(html, "<circle"), 4u);
  EXPECT_EQ(occurrences(html, " M"), 2u) << html;
}

TEST(Plot, TakesWhatIsNotFiniteForMissing) {
  std::string const html = to_html(plot_of({1, NAN, INFINITY, 4}));

  EXPECT_EQ(occurrences(html, "<circle"), 2u);
  EXPECT_THAT(html, Not(HasSubstr("nan")));
  EXPECT_THAT(html, Not(HasSubstr("inf")));
}

TEST(Plot, LeavesZeroOutOfALogarithmicScale) {
  Plot plot = plot_of({0, 1, 100});
  plot.y.logarithmic = true;
  std::string const html = to_html(plot);

  EXPECT_EQ(occurrences(html, "<circle"), 2u);
  EXPECT_THAT(html, Not(HasSubstr("nan")));
}

TEST(Plot, SaysSoWhenThereIsNothingToShow) {
  for (auto const &values : {std::vector<std::optional<double>>{}, {std::nullopt, std::nullopt}}) {
    std::string const html = to_html(plot_of(values));
    EXPECT_THAT(html, HasSubstr("Nothing was measured."));
    EXPECT_THAT(html, Not(HasSubstr("<svg")));
  }
}

TEST(Plot, DrawsASinglePointAndEqualValues) {
  for (auto const &values : {std::vector<std::optional<double>>{0}, {7, 7, 7}}) {
    Plot plot = plot_of(values);
    EXPECT_THAT(to_html(plot), Not(HasSubstr("nan")));
    plot.x.at.assign(values.size(), 3);
    EXPECT_THAT(to_html(plot), Not(HasSubstr("nan")));
  }
}

TEST(Plot, NamesPlacesWhileThereIsRoomAndNumbersThemElse) {
  EXPECT_THAT(to_html(plot_of({1, 2})), HasSubstr(">stage 1</text>"));
  std::string const many = to_html(plot_of(std::vector<std::optional<double>>(40, 1.0)));
  EXPECT_THAT(many, Not(HasSubstr(">stage 1</text>")));
  EXPECT_THAT(many, HasSubstr(">39</text>"));
  EXPECT_THAT(many, Not(HasSubstr(">40</text>"))) << "of 40 names every other has room";
}

TEST(Plot, MarksDecadesOfALogarithmicAxis) {
  Plot plot = plot_of({1, 2, 3});
  plot.x.at = {10, 300, 10'000};
  plot.x.logarithmic = true;
  std::string const html = to_html(plot);

  for (auto const *mark : {">10</text>", ">100</text>", ">1k</text>", ">10k</text>"})
    EXPECT_THAT(html, HasSubstr(mark));
}

TEST(Plot, EscapesAllText) {
  Plot plot = plot_of({1});
  plot.title = plot.note = plot.x.label = plot.y.label = plot.x.names[0] = plot.lines[0].name = "<i>\"&'\x01";
  std::string const html = to_html(plot);

  EXPECT_THAT(html, Not(HasSubstr("<i>")));
  EXPECT_THAT(html, Not(HasSubstr("\x01")));
  EXPECT_THAT(html, HasSubstr("&lt;i&gt;&quot;&amp;&#39;\uFFFD"));
}

}  // namespace
}  // namespace tableforge::load
