#include "tableforge/metrics/kernel_memory.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace tableforge::metrics {
namespace {

namespace fs = std::filesystem;

/// Files as a kernel shows them, somewhere else.
class KernelMemoryTest : public testing::Test {
 protected:
  KernelMemoryTest() {
    std::string name = (fs::temp_directory_path() / "kernel-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    put("proc/self/stat",
        "4321 (table (forge) x) S 1 4321 4321 0 -1 4194560 812345 0 37 0 1200 300 0 0 20 0 9 0 100 900000000 25600 "
        "1\n");
  }
  ~KernelMemoryTest() override { fs::remove_all(root_); }

  void put(std::string const &path, std::string const &text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }

  fs::path root_;
};

TEST_F(KernelMemoryTest, ReadsTheProcessBehindAnOddName) {
  auto const memory = kernel_memory(root_);
  EXPECT_EQ(memory.minor_faults, 812'345u);
  EXPECT_EQ(memory.major_faults, 37u);
  EXPECT_EQ(memory.resident, 25'600u * static_cast<unsigned>(::sysconf(_SC_PAGESIZE)));
  EXPECT_FALSE(memory.group_usage);
  EXPECT_FALSE(memory.stalled);
  EXPECT_FALSE(memory.fullness());
}

TEST_F(KernelMemoryTest, ReadsTheSecondVersionWithTheLowestLimitAboveIt) {
  put("proc/self/cgroup", "0::/system.slice/tableforge.service\n");
  put("sys/fs/cgroup/system.slice/memory.max", "1073741824\n");
  put("sys/fs/cgroup/system.slice/tableforge.service/memory.max", "max\n");
  put("sys/fs/cgroup/system.slice/tableforge.service/memory.current", "805306368\n");
  put("sys/fs/cgroup/system.slice/tableforge.service/memory.stat", "anon 1\ninactive_file 268435456\nactive_file 7\n");
  put("sys/fs/cgroup/system.slice/tableforge.service/memory.pressure",
      "some avg10=12.50 avg60=1.00 avg300=0.10 total=99\nfull avg10=3.00 avg60=0.00 avg300=0.00 total=9\n");
  put("proc/pressure/memory", "some avg10=99.00 avg60=0.00 avg300=0.00 total=0\n");
  auto const memory = kernel_memory(root_);
  EXPECT_EQ(memory.group_usage, 536'870'912u);
  EXPECT_EQ(memory.group_limit, 1'073'741'824u);
  EXPECT_EQ(memory.fullness(), 0.5);
  EXPECT_EQ(memory.stalled, 0.125) << "the group's own, not the machine's";
}

TEST_F(KernelMemoryTest, ReadsTheFirstVersionWhereItHasTheMemory) {
  put("proc/self/cgroup", "9:name=systemd:/\n4:cpu,memory:/pods/one\n0::/\n");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  put("sys/fs/cgroup/memory/pods/one/memory.limit_in_bytes", "400000000\n");
  put("sys/fs/cgroup/memory/pods/one/memory.usage_in_bytes", "300000000\n");
  put("sys/fs/cgroup/memory/pods/one/memory.stat", "inactive_file 5\ntotal_inactive_file 20000000\n");
  put("proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
  auto const memory = kernel_memory(root_);
  EXPECT_EQ(memory.group_usage, 280'000'000u);
  EXPECT_EQ(memory.group_limit, 400'000'000u);
  EXPECT_EQ(memory.stalled, 0) << "of the machine, where the group has none";
}

TEST_F(KernelMemoryTest, TakesTheMountsTopWhereItsPathIsOfAnotherNamespace) {
  put("proc/self/cgroup", "0::/docker/0123456789ab\n");
  put("sys/fs/cgroup/memory.current", "1000\n");
  put("sys/fs/cgroup/memory.max", "4000\n");
  EXPECT_EQ(kernel_memory(root_).fullness(), 0.25);
}

TEST_F(KernelMemoryTest, KnowsNoFullnessWithoutALimit) {
  put("proc/self/cgroup", "4:memory:/\n");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  put("sys/fs/cgroup/memory/memory.usage_in_bytes", "300000000\n");
  auto const memory = kernel_memory(root_);
  EXPECT_EQ(memory.group_usage, 300'000'000u);
  EXPECT_FALSE(memory.group_limit);
  EXPECT_FALSE(memory.fullness());
}

TEST(KernelMemory, ReadsThisMachine) {
  auto const memory = kernel_memory();
  EXPECT_GT(memory.resident, 1'000'000u);
  EXPECT_GT(memory.minor_faults, 100u);
}

}  // namespace
}  // namespace tableforge::metrics
