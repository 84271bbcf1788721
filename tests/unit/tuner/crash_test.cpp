#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "tableforge/tuner/memory_record.hpp"
#include "tableforge/tuner/tuner.hpp"

#include "fake_domain.hpp"

namespace tableforge::tuner {
namespace {

using namespace std::chrono_literals;
using test::FakeDomain;

constexpr Time kCrashStart = Time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 26)) + 12h + 1min;

struct Crash {};

/// Ends the process at the n-th call of a port that changes something: before it, or when it has done its work and
/// nobody has been told.
class Fuse {
 public:
  template <class F>
  auto burn(F &&call) {
    if (left_ && (*left_)-- == 0 && !after_) throw Crash{};
    bool const now = left_ && *left_ == SIZE_MAX;
    auto result = call();
    if (now) throw Crash{};
    ++calls;
    return result;
  }
  void set(std::size_t call, bool after) {
    left_ = call;
    after_ = after;
  }
  void clear() { left_.reset(); }

  std::size_t calls = 0;

 private:
  std::optional<std::size_t> left_;
  bool after_ = false;
};

class FusedDomain final : public FakeDomain {
 public:
  explicit FusedDomain(Fuse &fuse) : fuse_(fuse) {}
  Result<Applied> apply(std::vector<Change> const &changes, Exposure const &exposure) override {
    return fuse_.burn([&] { return FakeDomain::apply(changes, exposure); });
  }
  Result<void> keep(std::vector<Change> const &changes) override {
    return fuse_.burn([&] { return FakeDomain::keep(changes); });
  }
  Result<void> undo(std::vector<Change> const &changes) override {
    return fuse_.burn([&] { return FakeDomain::undo(changes); });
  }

 private:
  Fuse &fuse_;
};

class FusedRecord final : public Record {
 public:
  explicit FusedRecord(Fuse &fuse) : fuse_(fuse) {}
  Result<void> append(Action const &action) override {
    return fuse_.burn([&] { return inner.append(action); });
  }
  Result<std::vector<Action>> unfinished(std::string_view domain) override { return inner.unfinished(domain); }
  Result<void> remember(KnobState const &state) override {
    return fuse_.burn([&] { return inner.remember(state); });
  }
  Result<std::vector<KnobState>> recall(std::string_view domain) override { return inner.recall(domain); }
  Result<void> note(std::string_view domain, Observation const &seen) override { return inner.note(domain, seen); }

  MemoryRecord inner;

 private:
  Fuse &fuse_;
};

/// A server whose knobs outlive the tuner's process, as an index does.
struct World {
  explicit World(double propose_to) : domain(fuse), record(fuse) { domain.propose_to = propose_to; }

  void run(std::chrono::minutes time) {
    Tuner tuner({{domain, CronSchedule::parse("*/15 * * * *").value()}}, record, {.mode = Mode::auto_, .seed = 1});
    ASSERT_TRUE(tuner.start(now));
    for (auto const end = now + time; now < end;) now = tuner.advance(now);
  }
  /// What the record says it is.
  [[nodiscard]] double recorded() const {
    double value = 100;
    for (Action const &line : record.inner.lines()) {
      if (line.state == ActionState::kept) value = line.changes.front().to;
    }
    return value;
  }

  Fuse fuse;
  FusedDomain domain;
  FusedRecord record;
  Time now = kCrashStart;
};

/// Crashes at every call in turn; returns how many there were.
std::size_t crash_everywhere(double propose_to, std::chrono::minutes time) {
  World whole(propose_to);
  whole.run(time);
  for (std::size_t call = 0; call < whole.fuse.calls; ++call) {
    for (bool const after : {false, true}) {
      SCOPED_TRACE("crashed at call " + std::to_string(call) + (after ? ", after it" : ", before it"));
      World world(propose_to);
      world.fuse.set(call, after);
      EXPECT_THROW(world.run(time), Crash);
      world.fuse.clear();
      // The next process only starts.
      Tuner tuner({{world.domain, std::nullopt}}, world.record, {.mode = Mode::auto_});
      EXPECT_TRUE(tuner.start(world.now));
      EXPECT_EQ(world.domain.exposed, Exposure{});
      EXPECT_TRUE(world.domain.tried.empty());
      EXPECT_EQ(world.domain.value["size"], world.recorded());
      EXPECT_TRUE(world.record.inner.unfinished("fake")->empty());
    }
  }
  return 2 * whole.fuse.calls;
}

TEST(Crash, AnywhereInATrialThatIsKeptLeavesWhatTheRecordSays) { EXPECT_GE(crash_everywhere(150, 45min), 60u); }

TEST(Crash, AnywhereInATrialThatIsRevertedLeavesTheOldValue) { EXPECT_GE(crash_everywhere(101, 30min), 60u); }

TEST(Crash, WhileTheNextProcessUndoesItIsUndoneByTheOneAfter) {
  for (std::size_t call = 0; call < 3; ++call) {
    World world(150);
    world.fuse.set(10, true);
    EXPECT_THROW(world.run(30min), Crash);
    EXPECT_FALSE(world.record.inner.unfinished("fake")->empty());
    world.fuse.set(call, false);
    try {
      world.run(1min);
    } catch (Crash) {
    }
    world.fuse.clear();
    world.run(1min);
    EXPECT_EQ(world.domain.value["size"], 100);
    EXPECT_EQ(world.domain.exposed, Exposure{});
    EXPECT_TRUE(world.record.inner.unfinished("fake")->empty());
  }
}

}  // namespace
}  // namespace tableforge::tuner
