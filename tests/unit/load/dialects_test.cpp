#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "load/broadcast_payload.hpp"
#include "load/dialect.hpp"

namespace tableforge::load {
namespace {

constexpr Mark kMark{.sender = 3, .due = 5'000};

struct Heard final : Hearing {
  void reply(std::string_view message) override { replies.emplace_back(message); }
  void settled() override { is_settled = true; }
  void welcomed(Seq seq, bool) override { head = seq; }
  void resynced(Seq seq) override { head = seq; }
  void event(Seq seq, std::optional<Mark> mark) override {
    seqs.push_back(seq);
    marks.push_back(mark);
  }
  void presence(Mark mark) override { marks.emplace_back(mark); }
  void broadcast(Mark mark, std::uint64_t number) override {
    marks.emplace_back(mark);
    numbers.push_back(number);
  }
  void refused(std::string_view code) override { refusals.emplace_back(code); }
  void broken(std::string_view what) override { faults.emplace_back(what); }

  std::vector<std::string> replies;
  std::vector<std::string> refusals;
  std::vector<std::string> faults;
  std::vector<Seq> seqs;
  std::vector<std::optional<Mark>> marks;
  std::vector<std::uint64_t> numbers;
  Seq head = 0;
  bool is_settled = false;
};

struct Speaker {
  explicit Speaker(LoadDialect which) : dialect(make_dialect(which, share)) { seat.players = seat.seats = 6; }

  void take(std::string_view message) { dialect->take(message, seat, heard); }
  std::string compose(std::uint64_t number) {
    std::string text;
    dialect->compose(text, seat, LoadKind::move, kMark, number);
    return text;
  }

  DialectShare share{.echo = true, .sample = 1, .until_check = 1};
  LoadSeat seat{.table = 7};
  Heard heard;
  std::unique_ptr<Dialect> dialect;
};

TEST(BroadcastPayload, ComesBackAsItWasSent) {
  for (auto const form : {PayloadForm::plain, PayloadForm::escaped}) {
    std::string text;
    append_payload(text, form, {.mark = kMark, .number = 42});
    auto const read = read_payload(text, form);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->mark, kMark);
    EXPECT_EQ(read->number, 42U);
    for (auto &byte : text) {
      auto const good = std::exchange(byte, '~');
      EXPECT_FALSE(read_payload(text, form));
      byte = good;
    }
    EXPECT_FALSE(read_payload(text.substr(1), form));
  }
}

TEST(BroadcastPayload, IsOfTheSizeThatIsCompared) {
  std::string text;
  append_payload(text, PayloadForm::plain, {.mark = kMark, .number = 42});
  EXPECT_EQ(text.size(), kPayloadBytes);
}

TEST(WsDialect, HearsWhatAnotherSends) {
  Speaker speaker(LoadDialect::ws);
  EXPECT_EQ(speaker.dialect->target(speaker.seat), "/t/7?echo=1");
  speaker.take(speaker.compose(5));
  EXPECT_EQ(speaker.heard.numbers, std::vector<std::uint64_t>{5});
  speaker.take("hello");
  EXPECT_EQ(speaker.heard.faults.size(), 1U);
}

TEST(SocketIoDialect, ConnectsJoinsAndAnswersPings) {
  Speaker speaker(LoadDialect::socket_io);
  speaker.take(R"(0{"sid":"x"})");
  speaker.take(R"(40{"sid":"y"})");
  EXPECT_FALSE(speaker.heard.is_settled);
  speaker.take("430[]");
  EXPECT_TRUE(speaker.heard.is_settled);
  speaker.take("2");
  EXPECT_EQ(speaker.heard.replies, (std::vector<std::string>{"40", R"(420["join",{"t":7,"echo":true}])", "3"}));
  speaker.take(speaker.compose(9));
  EXPECT_EQ(speaker.heard.numbers, std::vector<std::uint64_t>{9});
}

TEST(NatsDialect, ReadsItsStreamHoweverItIsCut) {
  std::string payload;
  append_payload(payload, PayloadForm::plain, {.mark = kMark, .number = 1});
  auto const message = "MSG t.7 1 120\r\n" + payload + "\r\n";
  auto const stream = "INFO {}\r\nPONG\r\n" + message + "PING\r\n" + message;
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    Speaker speaker(LoadDialect::nats);
    speaker.take(std::string_view(stream).substr(0, cut));
    speaker.take(std::string_view(stream).substr(cut));
    EXPECT_TRUE(speaker.heard.is_settled);
    EXPECT_EQ(speaker.heard.numbers.size(), 2U) << cut;
    EXPECT_EQ(speaker.heard.replies.size(), 2U);
    EXPECT_TRUE(speaker.heard.faults.empty());
  }
}

TEST(ColyseusDialect, TakesItsReservedSeat) {
  Speaker speaker(LoadDialect::colyseus);
  EXPECT_TRUE(speaker.dialect->reservation(speaker.seat));
  speaker.dialect->reserved(R"({"room":{"processId":"p","roomId":"r"},"sessionId":"s"})");
  EXPECT_EQ(speaker.dialect->target(speaker.seat), "/p/r?sessionId=s");
  speaker.take("\x0a\x05name");
  EXPECT_TRUE(speaker.heard.is_settled);
  speaker.take(speaker.compose(2));
  EXPECT_EQ(speaker.heard.numbers, std::vector<std::uint64_t>{2});
}

TEST(TableforgeDialect, SetsItsTableUpAndSettlesWhenAllIsDone) {
  Speaker speaker(LoadDialect::tableforge);
  speaker.take(
      R"({"ev":"welcome","mode":"snapshot","seq":1,"state":{"chat":[{"ev":"skip","seq":1},{"ev":"skip","seq":1}]}})");
  EXPECT_EQ(speaker.heard.head, 1U);
  ASSERT_EQ(speaker.heard.replies.size(), 2U);
  auto const answer = [](char const *seq, char const *step) {
    return std::string(R"({"ev":"x","seq":)") + seq + R"(,"at":"t","by":"p","id":"setup-0-)" + step +
           R"(","client":"c","data":{}})";
  };
  speaker.take(answer("2", "pieces"));
  EXPECT_FALSE(speaker.heard.is_settled);
  speaker.take("[" + answer("3", "seat") + R"(,{"ev":"skip","seq":4}])");
  EXPECT_TRUE(speaker.heard.is_settled);
  EXPECT_EQ(speaker.heard.seqs, (std::vector<Seq>{2, 3, 4}));
  EXPECT_TRUE(speaker.heard.faults.empty());
}

TEST(TableforgeDialect, PutsATokenOnTheBoardForEmptySeatsToo) {
  Speaker speaker(LoadDialect::tableforge);
  speaker.seat.seats = 8;
  speaker.take(R"({"ev":"welcome","mode":"snapshot","seq":1,"state":{"chat":[]}})");
  std::size_t tokens = 0;
  for (auto const &reply : speaker.heard.replies) {
    auto const message = nlohmann::json::parse(reply);
    if (message.at("op") != "piece.create") continue;
    for (auto const &piece : message.at("data").at("pieces")) tokens += piece.at("kind") == "token" ? 1 : 0;
  }
  EXPECT_EQ(tokens, 8U);
}

TEST(TableforgeDialect, ParsesTheRestOfAnArrayFromTheFirstUnclearMessageOn) {
  Speaker speaker(LoadDialect::tableforge);
  speaker.take(
      R"([{"ev":"skip","seq":1},{"ev":"resync","seq":9,"state":{"chat":[{"ev":"skip","seq":4},{"ev":"skip","seq":5}]}},{"ev":"skip","seq":10}])");
  EXPECT_EQ(speaker.heard.head, 9U);
  EXPECT_EQ(speaker.heard.seqs, (std::vector<Seq>{1, 10}));
}

TEST(TableforgeDialect, TellsARefusalFromABrokenProtocol) {
  Speaker speaker(LoadDialect::tableforge);
  std::string id;
  append_mark_id(id, kMark);
  speaker.take(R"({"ev":"error","id":")" + id + R"(","error":{"code":"overloaded","message":"busy"}})");
  EXPECT_EQ(speaker.heard.refusals, std::vector<std::string>{"overloaded: busy"});
  speaker.take(R"({"ev":"error","error":{"code":"bad_request","message":"no"}})");
  EXPECT_EQ(speaker.heard.faults.size(), 1U);
  speaker.take("not JSON");
  EXPECT_EQ(speaker.heard.faults.size(), 2U);
}

TEST(TableforgeDialect, ChecksAWholeMessageNowAndThen) {
  Speaker speaker(LoadDialect::tableforge);
  std::string id;
  append_mark_id(id, kMark);
  std::string const head = R"({"ev":"chat.said","seq":5,"at":"2026-01-31T12:34:56.123456Z","by":")" +
                           std::string(36, 'a') + R"(","id":")" + id + R"(","client":"c","data":)";
  speaker.take(head + R"({"text":"x"}})");
  EXPECT_TRUE(speaker.heard.faults.empty());
  speaker.take(head + "17}");
  speaker.take(head + R"({"text":"cut)");
  EXPECT_EQ(speaker.heard.faults.size(), 2U);
  EXPECT_EQ(speaker.share.checked, 3U);
}

}  // namespace
}  // namespace tableforge::load
