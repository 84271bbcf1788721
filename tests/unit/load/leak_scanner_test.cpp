#include "load/leak_scanner.hpp"

#include <gtest/gtest.h>

namespace tableforge::load {
namespace {

constexpr std::size_t kAnn = 0;
constexpr std::size_t kBen = 1;

struct LeakScannerTest : testing::Test {
  Entitlements entitlements{2};
  LeakScanner ann{entitlements, kAnn};
  LeakScanner ben{entitlements, kBen};
};

TEST_F(LeakScannerTest, FindsAFaceAnywhereInAMessage) {
  for (auto const *text : {R"({"face":"Th"})", R"(["Th"])", R"({"a":{"b":[{"Th":1}]}})", R"({"url":"cards/Th.png"})",
                           R"({"text":"\u0054h"})"}) {
    EXPECT_EQ(ann.scan(Json::parse(text), 1).size(), 1u) << text;
  }
}

TEST_F(LeakScannerTest, TakesNoWordForAFaceThatIsNone) {
  for (auto const *text :
       {R"({"id":"4c4d5h6s4c4d5h6s"})", R"({"at":"2026-11-23T18:30:00.000000Z"})", R"(["Thx","T","1h"])"}) {
    EXPECT_TRUE(ann.scan(Json::parse(text), 1).empty()) << text;
  }
}

TEST_F(LeakScannerTest, AllowsWhatTheViewerIsEntitledTo) {
  entitlements.grant(kAnn, "Th", 5);
  Json const message{{"face", "Th"}};

  EXPECT_TRUE(ann.scan(message, 5).empty());
  EXPECT_EQ(ben.scan(message, 5).size(), 1u);
}

TEST_F(LeakScannerTest, JudgesByTheSeqAndNotByTheTime) {
  entitlements.grant_all("Th", 5);
  entitlements.end_open(9);
  Json const message{{"face", "Th"}};

  EXPECT_EQ(ann.scan(message, 4).size(), 1u);
  EXPECT_TRUE(ann.scan(message, 8).empty());
  EXPECT_EQ(ann.scan(message, 9).size(), 1u);
}

TEST_F(LeakScannerTest, LetsTheDealerKnowEverythingFromThePeekOn) {
  entitlements.grant_everything(kAnn, 3);
  entitlements.end_open(4);

  EXPECT_EQ(ann.scan({{"face", "Th"}}, 2).size(), 1u);
  EXPECT_TRUE(ann.scan({{"face", "Th"}}, 7).empty());
}

TEST_F(LeakScannerTest, FindsAnIdThatShouldBeForgotten) {
  ann.retire("00112233aabbccdd", 6);
  Json const message{{"piece", "00112233aabbccdd"}};

  EXPECT_TRUE(ann.scan(message, 6).empty());
  EXPECT_EQ(ann.scan(message, 7).size(), 1u);
  EXPECT_TRUE(ben.scan(message, 7).empty());
}

TEST_F(LeakScannerTest, FindsAWhisperBetweenOthers) {
  entitlements.share_secret("secret-1", {kBen});
  Json const message{{"text", "secret-1"}};

  EXPECT_EQ(ann.scan(message, 1).size(), 1u);
  EXPECT_TRUE(ben.scan(message, 1).empty());
}

TEST_F(LeakScannerTest, FindsWhatParsingDrops) {
  std::string const bytes = R"({"face":"Th","face":"x"})";

  EXPECT_EQ(LeakScanner::scan_bytes(bytes, Json::parse(bytes)).size(), 1u);
  EXPECT_TRUE(LeakScanner::scan_bytes(R"({"face":"Th"})", Json{{"face", "Th"}}).empty());
}

}  // namespace
}  // namespace tableforge::load
