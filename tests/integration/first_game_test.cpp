#include <gtest/gtest.h>

#include "support/process.hpp"
#include "support/serve_process.hpp"

namespace tableforge::test {
namespace {

TEST(FirstGame, OfTheReadmeWorksAsWritten) {
  ScratchDirectory const directory;
  ServeProcess server({.database_url = migrated_database(), .run_dir = directory.path()});
  server.await_serving();

  auto const played =
      run({TABLEFORGE_SOURCE_DIR "/docs/first_game.py", "http://127.0.0.1:" + std::to_string(server.port())});

  ASSERT_EQ(played.exit_code, 0) << played.output;
  EXPECT_NE(played.output.find("Ann sees welcome"), std::string::npos) << played.output;
  EXPECT_NE(played.output.find("Ann sees dice.rolled"), std::string::npos) << played.output;
  EXPECT_NE(played.output.find("Ann sees chat.said"), std::string::npos) << played.output;
}

}  // namespace
}  // namespace tableforge::test
