#include "log/line_writer.hpp"

#include <array>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace tableforge::log {
namespace {

class LineWriterTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  void TearDown() override {
    ::close(ends[0]);
    ::close(ends[1]);
  }

  void fill() {
    ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
    std::string const page(4096, 'x');
    while (::write(ends[1], page.data(), page.size()) > 0) {
    }
    ::fcntl(ends[1], F_SETFL, 0);
  }
  std::string drain() {
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    std::string all;
    std::array<char, 4096> buffer;
    ssize_t n = 0;
    while ((n = ::read(ends[0], buffer.data(), buffer.size())) > 0)
      all.append(buffer.data(), static_cast<std::size_t>(n));
    return all;
  }

  std::array<int, 2> ends{};
};

TEST_F(LineWriterTest, WritesWhatFits) {
  LineWriter writer(ends[1]);
  ASSERT_TRUE(writer.ready());
  writer.write("a line\n");
  EXPECT_EQ(drain(), "a line\n");
  EXPECT_EQ(writer.take_lost(), 0u);
}

TEST_F(LineWriterTest, LosesLinesInsteadOfWaitingForAReader) {
  LineWriter writer(ends[1]);
  fill();
  EXPECT_FALSE(writer.ready());
  EXPECT_FALSE(writer.ready());
  EXPECT_EQ(writer.take_lost(), 2u);
}

TEST_F(LineWriterTest, GoesOnWhenTheReaderDoes) {
  LineWriter writer(ends[1]);
  fill();
  ASSERT_FALSE(writer.ready());
  drain();
  ASSERT_TRUE(writer.ready());
  writer.write("again\n");
  EXPECT_EQ(drain(), "again\n");
  EXPECT_EQ(writer.take_lost(), 1u);
}

}  // namespace
}  // namespace tableforge::log
