#include "tableforge/host/outbox.hpp"

#include <gtest/gtest.h>

namespace tableforge::host {
namespace {

Frame frame(std::size_t bytes, char fill = 'x') { return Frame::of(std::string(bytes, fill)); }

class OutboxTest : public testing::Test {
 protected:
  OutboxTest() {
    EXPECT_TRUE(knobs.outbox_bytes_max.set(20'000));
    EXPECT_TRUE(knobs.outbox_soft_bytes.set(4'096));
  }
  Knobs knobs;
  metrics::HostMetrics metrics;
  Outbox outbox{knobs, metrics};
};

TEST_F(OutboxTest, KeepsTheOrder) {
  EXPECT_EQ(outbox.offer(frame(10, 'a')), Outbox::Offered::queued);
  EXPECT_EQ(outbox.offer(frame(10, 'b')), Outbox::Offered::queued);
  EXPECT_EQ(outbox.bytes(), 20U);
  EXPECT_EQ(outbox.take()->text()[0], 'a');
  EXPECT_EQ(outbox.take()->text()[0], 'b');
  EXPECT_FALSE(outbox.take());
  EXPECT_EQ(outbox.bytes(), 0U);
}

TEST_F(OutboxTest, EmptiesItselfWhenFullAndTakesNothingUntilItRecovers) {
  EXPECT_EQ(outbox.offer(frame(15'000)), Outbox::Offered::queued);
  EXPECT_EQ(outbox.offer(frame(6'000)), Outbox::Offered::overflowed);
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.bytes(), 0U);
  EXPECT_EQ(outbox.offer(frame(10)), Outbox::Offered::overflowed);
  outbox.recover();
  EXPECT_EQ(outbox.offer(frame(10)), Outbox::Offered::queued);
}

TEST_F(OutboxTest, LetsALoneFramePassWhateverItsSize) {
  EXPECT_EQ(outbox.offer(frame(1'000'000)), Outbox::Offered::queued);
  EXPECT_EQ(outbox.offer(frame(1)), Outbox::Offered::overflowed);
}

TEST_F(OutboxTest, DropsPresenceFirst) {
  PresenceKey const key{.player = {}, .kinds = 1, .piece = {}};
  EXPECT_EQ(outbox.offer(frame(4'090)), Outbox::Offered::queued);
  EXPECT_EQ(outbox.offer_presence(key, frame(100)), Outbox::Offered::dropped);
  EXPECT_EQ(metrics.presence_dropped.value(), 1U);
  EXPECT_EQ(outbox.offer(frame(4'090)), Outbox::Offered::queued);
}

TEST_F(OutboxTest, KeepsOnlyTheLatestPresenceOfAKind) {
  PresenceKey const cursor{.player = {}, .kinds = 1, .piece = {}};
  PresenceKey const drag{.player = {}, .kinds = 2, .piece = PieceId(7)};
  outbox.offer_presence(cursor, frame(100, 'a'));
  outbox.offer_presence(drag, frame(100, 'b'));
  outbox.offer_presence(cursor, frame(50, 'c'));
  EXPECT_EQ(outbox.bytes(), 150U);
  EXPECT_EQ(outbox.take()->text()[0], 'c');
  EXPECT_EQ(outbox.take()->text()[0], 'b');
  EXPECT_TRUE(outbox.empty());
}

}  // namespace
}  // namespace tableforge::host
