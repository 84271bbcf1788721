#include "relay/message.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "unit/relay/people.hpp"

namespace tableforge::relay {
namespace {

Uuid const kSender = Uuid::parse("01234567-89ab-4def-8123-456789abcdef").value();

/// One of every kind, and of every shape that a kind has.
std::vector<Content> contents() {
  protocol::Presence cursor{.cursor = protocol::Point{-1.5, 1e9}, .drag = {}, .typing = {}};
  protocol::Presence drag{
      .cursor = {}, .drag = protocol::Drag{.piece = PieceId(0xfedcba9876543210), .x = 0, .y = -0.25}, .typing = {}};
  protocol::Presence all{.cursor = cursor.cursor, .drag = drag.drag, .typing = false};
  protocol::Presence typing{.cursor = {}, .drag = {}, .typing = true};
  return {Greeting{.asks = true, .seq = 0, .online = {}},
          Greeting{.asks = false, .seq = 77, .online = {player(1), player(2)}},
          Farewell{},
          Came{player(3)},
          Left{player(4)},
          Committed{.row = {.first_seq = 41,
                            .n = 2,
                            .append_id = {},
                            .at = Time(std::chrono::microseconds(1'234'567)),
                            .body = R"([{"v":1},{"v":1}])"},
                    .told_at = Time(std::chrono::microseconds(-5))},
          Committed{.row = {.first_seq = 1, .n = 1, .append_id = {}, .at = {}, .body = {}}, .told_at = {}},
          Showed{player(5), cursor},
          Showed{player(5), drag},
          Showed{player(5), all},
          Showed{player(5), typing}};
}

std::string bytes_of(Content content) { return encode({.sender = kSender, .content = std::move(content)}); }

TEST(RelayMessage, IsReadAsItWasWritten) {
  for (auto const &content : contents()) {
    auto const bytes = bytes_of(content);
    auto const read = decode(bytes);
    ASSERT_TRUE(read) << content.index();
    EXPECT_EQ(read->sender, kSender);
    EXPECT_EQ(sender_of(bytes), kSender);
    ASSERT_EQ(read->content.index(), content.index());
    // There is one form of everything, so equal bytes are equal messages.
    EXPECT_EQ(encode(*read), bytes) << content.index();
  }
}

TEST(RelayMessage, CarriesWhatItSays) {
  auto const greeting = std::get<Greeting>(decode(bytes_of(contents()[1]))->content);
  EXPECT_FALSE(greeting.asks);
  EXPECT_EQ(greeting.seq, 77U);
  EXPECT_EQ(greeting.online, (std::vector{player(1), player(2)}));
  auto const committed = std::get<Committed>(decode(bytes_of(contents()[5]))->content);
  EXPECT_EQ(committed.row.first_seq, 41U);
  EXPECT_EQ(committed.row.n, 2U);
  EXPECT_EQ(committed.row.at.time_since_epoch().count(), 1'234'567);
  EXPECT_EQ(committed.row.body, R"([{"v":1},{"v":1}])");
  EXPECT_EQ(committed.told_at.time_since_epoch().count(), -5);
  auto const showed = std::get<Showed>(decode(bytes_of(contents()[9]))->content);
  EXPECT_EQ(showed.player, player(5));
  EXPECT_EQ(showed.presence.cursor, (protocol::Point{-1.5, 1e9}));
  EXPECT_EQ(showed.presence.drag->piece, PieceId(0xfedcba9876543210));
  EXPECT_EQ(showed.presence.drag->y, -0.25);
  EXPECT_EQ(showed.presence.typing, false);
}

TEST(RelayMessage, IsRefusedWhenItIsCut) {
  for (auto const &content : contents()) {
    auto const bytes = bytes_of(content);
    // A row's body and a list of players have no length of their own.
    std::size_t const whole = content.index() == 4   ? bytes.size() - std::get<Committed>(content).row.body.size()
                              : content.index() == 0 ? bytes.size() - 16 * std::get<Greeting>(content).online.size()
                                                     : bytes.size();
    for (std::size_t size = 0; size < whole; ++size) {
      EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size))) << content.index() << " at " << size;
    }
  }
}

TEST(RelayMessage, IsRefusedWithSomethingBehindIt) {
  for (auto const &content : contents()) {
    if (content.index() == 4) continue;  // There it is the body, which whoever uses it decodes.
    EXPECT_FALSE(decode(bytes_of(content) + "x")) << content.index();
  }
}

TEST(RelayMessage, OfAnotherVersionOrKindIsRefused) {
  auto const bytes = bytes_of(Farewell{});
  for (std::size_t const at : {0U, 1U, 2U, 3U}) {
    auto other = bytes;
    other[at] = static_cast<char>(other[at] + 64);
    EXPECT_FALSE(decode(other)) << at;
  }
}

TEST(RelayMessage, WithNumbersThatAreNoneIsRefused) {
  for (double const wrong : {std::numeric_limits<double>::infinity(), std::nan("")}) {
    protocol::Presence const x{.cursor = protocol::Point{wrong, 0}, .drag = {}, .typing = {}};
    protocol::Presence const y{
        .cursor = {}, .drag = protocol::Drag{.piece = PieceId(1), .x = 0, .y = wrong}, .typing = {}};
    EXPECT_FALSE(decode(bytes_of(Showed{player(1), x})));
    EXPECT_FALSE(decode(bytes_of(Showed{player(1), y})));
  }
  EXPECT_FALSE(decode(bytes_of(Showed{player(1), {}}))) << "shows nothing";
  host::Row const row{.first_seq = 1, .n = 1, .append_id = {}, .at = {}, .body = "[]"};
  auto wrong = row;
  wrong.first_seq = 0;
  EXPECT_FALSE(decode(bytes_of(Committed{.row = wrong, .told_at = {}})));
  wrong = row;
  wrong.first_seq = Seq{1} << 53;
  EXPECT_FALSE(decode(bytes_of(Committed{.row = wrong, .told_at = {}})));
  wrong = row;
  wrong.n = 0;
  EXPECT_FALSE(decode(bytes_of(Committed{.row = wrong, .told_at = {}})));
}

TEST(RelayMessage, HasABound) {
  host::Row const longest{.first_seq = 1, .n = 1, .append_id = {}, .at = {}, .body = std::string(kBodyBytesMax, 'x')};
  auto const whole = decode(bytes_of(Committed{.row = longest, .told_at = {}}));
  ASSERT_TRUE(whole);
  EXPECT_EQ(std::get<Committed>(whole->content).row.body.size(), kBodyBytesMax);

  auto longer = longest;
  longer.body += 'x';
  auto const without = decode(bytes_of(Committed{.row = longer, .told_at = {}}));
  ASSERT_TRUE(without);
  EXPECT_EQ(std::get<Committed>(without->content).row.body, "") << "told of, to be read";

  EXPECT_FALSE(decode(bytes_of(Committed{.row = longest, .told_at = {}}) + std::string(1'000, 'x')));
  EXPECT_TRUE(decode(bytes_of(Greeting{.asks = false, .seq = 1, .online = std::vector<PlayerId>(kOnlineMax)})));
  EXPECT_FALSE(decode(bytes_of(Greeting{.asks = false, .seq = 1, .online = std::vector<PlayerId>(kOnlineMax + 1)})));
}

RC_GTEST_PROP(RelayMessage, OfAnyBytesIsReadWholeOrRefused, (std::string const &bytes, std::uint8_t kind)) {
  auto const head = bytes_of(Farewell{});
  std::string text = head.substr(0, 3) + static_cast<char>(kind % 8) + head.substr(4) + bytes;
  auto const read = decode(text);
  if (read) RC_ASSERT(encode(*read) == text);
  static_cast<void>(decode(bytes));
}

}  // namespace
}  // namespace tableforge::relay
