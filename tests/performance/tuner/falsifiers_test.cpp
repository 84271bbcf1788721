#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "performance/tuner/arms.hpp"
#include "performance/tuner/trials.hpp"

namespace tableforge::test {
namespace {

std::size_t trials_wanted(std::size_t all) {
  char const *const share = std::getenv("TABLEFORGE_TUNER_SHARE");
  return share != nullptr ? static_cast<std::size_t>(static_cast<double>(all) * std::strtod(share, nullptr)) : all;
}

void print(char const *name, Trials const &trials) {
  std::printf("%-24s trials %4zu kept %3zu (%.1f %%)", name, trials.count(), trials.kept(),
              100.0 * static_cast<double>(trials.kept()) / static_cast<double>(trials.count()));
  for (auto const &[verdict, count] : trials.verdicts) {
    std::printf("  %s %zu", std::string(word(verdict)).c_str(), count);
  }
  std::printf("\n");
  std::fflush(stdout);
}

TEST(Falsifier, APlaceboOnCohortsIsSeldomKept) {
  auto const trials = try_placebo(tuner::TrialKind::cohort, trials_wanted(400), 1);
  print("placebo, cohorts", trials);
  EXPECT_LE(trials.kept(), trials.count() * 5 / 100);
}

TEST(Falsifier, CohortsThatStayOnTheirSidesMistakeTheirHotKeysForAnEffect) {
  auto const trials = try_placebo_unswapped(trials_wanted(100), 1);
  print("placebo, not swapped", trials);
  auto const found = trials.verdicts.find(tuner::Verdict::neutral);
  EXPECT_LT(found == trials.verdicts.end() ? 0 : found->second, trials.count() / 2)
      << "or changing them is for nothing";
}

TEST(Falsifier, APlaceboInTurnsIsSeldomKept) {
  auto const trials = try_placebo(tuner::TrialKind::switchback, trials_wanted(400), 2);
  print("placebo, switchback", trials);
  EXPECT_LE(trials.kept(), trials.count() * 5 / 100);
}

TEST(Falsifier, SabotageIsNeverKept) {
  auto const trials = try_sabotage(trials_wanted(200), 3);
  print("sabotage", trials);
  EXPECT_EQ(trials.kept(), 0u);
}

TEST(Falsifier, WhatHelpsIsKeptByTheSameJudge) {
  // Or a judge that keeps nothing would pass all of the above.
  auto const trials = try_help(trials_wanted(50), 4);
  print("help", trials);
  EXPECT_GE(trials.kept(), trials.count() * 8 / 10);
}

}  // namespace
}  // namespace tableforge::test
