#include "load/event_scanner.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tableforge/protocol/encode.hpp"

namespace tableforge::load {
namespace {

constexpr Mark kScannedMark{.sender = 4'711, .due = 123'456'789'000};

std::string mark_id(Mark mark) {
  std::string id;
  append_mark_id(id, mark);
  return id;
}

/// What it refers to is the caller's.
table::view::Event said(std::string_view action) {
  table::view::Event event;
  event.ev = "chat.said";
  event.seq = 132;
  event.by = PlayerId(Uuid::random());
  event.action = action;
  event.client = "f3a9";
  event.shape = table::view::ChatSaid{.text = R"(a "quoted" },{"ev":"skip","seq":1} text)"};
  return event;
}

std::string wire(table::view::Event const &event) {
  std::string text;
  protocol::append_event(text, event);
  return text;
}

std::vector<std::string> split(std::string_view frame) {
  std::vector<std::string> messages;
  while (auto const message = next_message(frame)) messages.emplace_back(*message);
  return messages;
}

TEST(EventScanner, FindsSeqAndIdWhereTheServerWritesThem) {
  auto const text = wire(said(mark_id(kScannedMark)));
  auto const found = scan(text);
  EXPECT_EQ(found.kind, Scan::Kind::event);
  EXPECT_EQ(found.seq, 132U);
  EXPECT_EQ(found.id, mark_id(kScannedMark));
  EXPECT_EQ(found.mark, kScannedMark);
}

TEST(EventScanner, TakesAnIdThatIsNoMarkAsItStands) {
  auto const text = wire(said("c-17"));
  auto const found = scan(text);
  EXPECT_EQ(found.kind, Scan::Kind::event);
  EXPECT_EQ(found.id, "c-17");
  EXPECT_FALSE(found.mark);
}

TEST(EventScanner, KnowsAnEventThatNoActionCaused) {
  auto event = said("");
  event.client = {};
  event.by = std::nullopt;
  auto const text = wire(event);
  auto const found = scan(text);
  EXPECT_EQ(found.kind, Scan::Kind::event);
  EXPECT_EQ(found.seq, 132U);
  EXPECT_TRUE(found.id.empty());
}

TEST(EventScanner, KnowsASkip) {
  table::view::Event event;
  event.ev = "skip";
  event.seq = 7;
  event.shape = table::view::Skip{};
  auto const text = wire(event);
  EXPECT_EQ(scan(text).kind, Scan::Kind::event);
  EXPECT_EQ(scan(text).seq, 7U);
}

TEST(EventScanner, ReadsTheMarkOfACursorAsTheServerWritesIt) {
  // Every power of ten among them would be written as 1e+06 without its last digit.
  for (Mark const mark : {kScannedMark, Mark{.sender = 0, .due = 0}, Mark{.sender = 100, .due = 1'000'000'000},
                          Mark{.sender = kCursorSenderMax, .due = 99'999'999'999'000}}) {
    auto const cursor = cursor_of(mark);
    std::string text;
    protocol::append_presence(text, PlayerId(Uuid::random()),
                              {.cursor = protocol::Point{static_cast<double>(cursor.x), static_cast<double>(cursor.y)},
                               .drag = {},
                               .typing = {}});
    auto const found = scan(text);
    EXPECT_EQ(found.kind, Scan::Kind::presence) << text;
    EXPECT_EQ(found.mark, mark) << text;
  }
}

TEST(EventScanner, KnowsWhoCameAndWent) {
  std::string text;
  protocol::append_online(text, PlayerId(Uuid::random()), true);
  EXPECT_EQ(scan(text).kind, Scan::Kind::online);
}

TEST(EventScanner, LeavesTheRestToTheParser) {
  auto const event = wire(said(mark_id(kScannedMark)));
  std::string spaced = event;
  spaced.insert(1, " ");
  std::string escaped = wire(said(R"(c\"17)"));
  for (auto const &text :
       {std::string(R"({"ev":"error","error":{"code":"empty"}})"), std::string(R"({"ev":"welcome","seq":3})"),
        std::string(R"({"seq":132,"ev":"piece.moved"})"), std::string(R"({"ev":"skip","seq":-1})"),
        std::string(R"({"ev":"skip","seq":1e3})"), std::string(R"({"ev":"table.created","seq":1,"at":""})"), spaced,
        escaped, std::string("{\"ev\":\""), std::string("null"), std::string()}) {
    EXPECT_EQ(scan(text).kind, Scan::Kind::unclear) << text;
  }
}

TEST(EventScanner, NeverReadsBeyondATruncatedMessage) {
  auto const event = wire(said(mark_id(kScannedMark)));
  auto const id_ends = event.find("\"client\"");
  for (std::size_t size = 0; size < id_ends; ++size) {
    std::string const exact(event, 0, size);  // Its own allocation, so that a sanitizer sees a byte too many.
    EXPECT_EQ(scan(exact).kind, Scan::Kind::unclear) << size;
  }
}

TEST(EventScanner, SplitsAnArrayBetweenItsMessagesOnly) {
  auto const first = wire(said(mark_id(kScannedMark)));
  std::string const second = R"({"ev":"skip","seq":133})";
  EXPECT_EQ(split(first), std::vector{first});
  EXPECT_EQ(split("[" + first + "]"), std::vector{first});
  EXPECT_EQ(split("[" + first + "," + second + "," + first + "]"), (std::vector{first, second, first}));
  EXPECT_TRUE(split("[]").empty());
}

}  // namespace
}  // namespace tableforge::load
