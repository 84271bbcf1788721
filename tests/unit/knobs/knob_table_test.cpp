#include "tableforge/knobs/knob_table.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tableforge/knobs/knobs.hpp"

namespace tableforge {
namespace {

TEST(KnobTable, HasARowForEachKnob) {
  struct Two : KnobSet {
    Knob<std::size_t> room{*this,
                           {.name = "room_bytes",
                            .unit = "bytes",
                            .help = "How much there is.",
                            .min = 0,
                            .max = 1'048'576,
                            .initial = 999}};
    Knob<double> pace{*this,
                      {.name = "pace", .unit = "factor", .help = "How fast.", .min = -100, .max = 0.25, .initial = 0}};
  } const set;
  EXPECT_THAT(knob_table(set),
              testing::EndsWith("|\n"
                                "| `room_bytes` | How much there is. | 999 | 0 to 1,048,576 | bytes |\n"
                                "| `pace` | How fast. | 0 | -100 to 0.25 | factor |\n"));
}

/// If this fails, a knob was declared or changed: the table that the failure shows belongs behind the document's first
/// paragraph, and TABLEFORGE_KNOB_TABLE names a file to write it to.
TEST(KnobTable, IsWhatTheDocumentShows) {
  std::ifstream file(std::string(TABLEFORGE_SOURCE_DIR) + "/docs/performance/knobs.md");
  std::string const document(std::istreambuf_iterator<char>(file), {});
  if (char const *const path = std::getenv("TABLEFORGE_KNOB_TABLE")) std::ofstream(path) << knob_table(Knobs());
  EXPECT_THAT(document, testing::EndsWith("\n\n" + knob_table(Knobs())));
}

}  // namespace
}  // namespace tableforge
