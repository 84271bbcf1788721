#pragma once

#include <filesystem>
#include <string>

#include "tableforge/load/load_report.hpp"

#include "performance/support/report_files.hpp"

namespace tableforge::test {

/// Prints what was found, writes NAME.json and NAME.html and says where they are. Throws if it cannot.
void leave_report(load::LoadReport const &report, std::filesystem::path const &folder, std::string const &name);

/// Adds a run that followed: its stages, its time line after what is there, what it found and what failed, each with
/// the run's name before it. Where and when it began, and with which seed, is the first one's.
void append(load::LoadReport &report, load::LoadReport run, std::string const &name);

}  // namespace tableforge::test

/// Skips the rest of a test unless this is a release build: any other measures its own assertions.
#define TABLEFORGE_MEASURES_RELEASE_ONLY()                  \
  if (std::string_view(TABLEFORGE_BUILD_TYPE) != "Release") \
  GTEST_SKIP() << "a " TABLEFORGE_BUILD_TYPE " build measures itself; scripts/performance builds what is measured"
