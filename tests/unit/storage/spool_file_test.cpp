#include "storage/spool_file.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace tableforge::storage {
namespace {

using Lines = std::vector<std::string>;

class SpoolFileTest : public testing::Test {
 protected:
  SpoolFileTest() : path(std::filesystem::temp_directory_path() / ("tableforge-spool-" + std::to_string(::getpid()))) {
    std::filesystem::remove(path);
  }
  ~SpoolFileTest() override { std::filesystem::remove(path); }

  std::filesystem::path path;
};

TEST_F(SpoolFileTest, KeepsLinesInOrderForTheNextProcess) {
  {
    SpoolFile spool(path, 1'000);
    ASSERT_TRUE(spool.add("one"));
    ASSERT_TRUE(spool.add("two"));
  }
  SpoolFile again(path, 1'000);
  EXPECT_EQ(again.lines(), (Lines{"one", "two"}));
  ASSERT_TRUE(again.add("three"));
  EXPECT_EQ(SpoolFile(path, 1'000).lines(), (Lines{"one", "two", "three"}));
}

TEST_F(SpoolFileTest, LeavesOutWhatACrashTore) {
  std::ofstream(path) << "whole\nhal";
  SpoolFile spool(path, 1'000);
  EXPECT_EQ(spool.lines(), Lines{"whole"});
  ASSERT_TRUE(spool.add("next"));
  EXPECT_EQ(SpoolFile(path, 1'000).lines(), (Lines{"whole", "next"}));
}

TEST_F(SpoolFileTest, RefusesWhatIsBeyondItsBound) {
  SpoolFile spool(path, 8);
  ASSERT_TRUE(spool.add("12345"));
  auto const refused = spool.add("678");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::overloaded);
  EXPECT_EQ(SpoolFile(path, 8).lines(), Lines{"12345"});
}

TEST_F(SpoolFileTest, IsGoneWhenAllIsWhereItBelongs) {
  SpoolFile spool(path, 1'000);
  ASSERT_TRUE(spool.add("one"));
  spool.clear();
  EXPECT_TRUE(spool.empty());
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SpoolFileTest, TellsThatTheDiskRefuses) {
  SpoolFile spool(path / "no-such-directory" / "spool", 1'000);
  auto const refused = spool.add("one");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  EXPECT_TRUE(spool.empty());
}

}  // namespace
}  // namespace tableforge::storage
