#include <chrono>
#include <fstream>
#include <future>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tableforge/codec/system_document.hpp"
#include "tableforge/gateway/server.hpp"
#include "tableforge/host/open_tables.hpp"
#include "tableforge/metrics/catalogue.hpp"
#include "tableforge/protocol/error_code.hpp"
#include "tableforge/storage/memory_journal.hpp"
#include "tableforge/storage/memory_snapshot_store.hpp"
#include "tableforge/table/system.hpp"

#include "gateway_peer.hpp"

/// The tables' sockets over real TCP: two shards, so that sockets do change threads, and a journal in memory.
namespace tableforge::test {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

PlayerId player(std::uint8_t number) {
  PlayerId id;
  id.value.bytes[15] = number;
  return id;
}

/// "ann", "bob": for an hour; "brief": for a second; "late": expired; anything else is forged.
Result<gateway::Identity> verify(std::string_view token) {
  auto const now = wall_clock_now();
  if (token == "ann") return gateway::Identity{.player = player(1), .name = "Ann", .expires_at = now + seconds(3'600)};
  if (token == "bob") return gateway::Identity{.player = player(2), .name = "Bob", .expires_at = now + seconds(3'600)};
  if (token == "brief") return gateway::Identity{.player = player(1), .name = "Ann", .expires_at = now + seconds(1)};
  if (token == "late") return gateway::Identity{.player = player(1), .name = "Ann", .expires_at = now};
  return fail(Errc::unauthorized, "no such token");
}

metrics::Vocabulary vocabulary() {
  metrics::Vocabulary words;
  for (std::size_t i = 0; i <= table::kClientOperations; ++i) words.ops.push_back(table::op_word(i));
  auto const &codes = Words<protocol::ErrorCode>::words;
  words.error_codes.assign(codes.begin(), codes.end());
  return words;
}

class GatewaySession : public testing::Test {
 protected:
  GatewaySession() {
    for (std::size_t i = 0; i < shards.size(); ++i) {
      tables.push_back(
          std::make_unique<host::OpenTables>(host::OpenTables::Parts{.shard = shards[i],
                                                                     .pool = pool,
                                                                     .journal = journal,
                                                                     .snapshots = snapshots,
                                                                     .knobs = knobs,
                                                                     .metrics = catalogue.host,
                                                                     .framer = gateway::append_text_frame,
                                                                     .renamed = [](TableId, std::string const &) {}}));
    }
    server = std::make_unique<gateway::PublicServer>(
        gateway::PublicServer::Parts{.shards = shards,
                                     .tables = {tables[0].get(), tables[1].get()},
                                     .router = router,
                                     .verify = verify,
                                     .knobs = knobs,
                                     .metrics = catalogue.gateway,
                                     .host_metrics = catalogue.host,
                                     .address = "127.0.0.1"});
    shards.start();
    if (!server->start()) throw std::runtime_error("the server does not start");
    table = found();
  }
  ~GatewaySession() override {
    server->stop_accepting();
    close_tables();
    server->stop(seconds(5));
    shards.stop();
    shards.join();
    pool.drain();
  }

  template <class T>
  T on_shard(runtime::Shard &shard, boost::asio::awaitable<T> task) {
    return boost::asio::co_spawn(shard.executor(), std::move(task), boost::asio::use_future).get();
  }

  void close_tables() {
    for (std::size_t i = 0; i < shards.size(); ++i) on_shard(shards[i], tables[i]->close(milliseconds(50), seconds(5)));
  }

  /// A public table of Ann's.
  std::string found() {
    std::ifstream file(TABLEFORGE_SOURCE_DIR "/deploy/systems/blank.json");
    auto const system = codec::parse_system(std::string(std::istreambuf_iterator<char>(file), {}));
    if (!system) throw std::runtime_error(system.error());
    TableId const id(Uuid::random());
    auto &shard = shards.of(id);
    auto &here = *tables[shard.index()];
    auto founded = on_shard(shard, found_on(here, *system, id));
    if (!founded) throw std::runtime_error("the table cannot be founded");
    return id.value.text();
  }
  static boost::asio::awaitable<bool> found_on(host::OpenTables &here, table::GameSystem system, TableId id) {
    auto event = table::found_table(
        system,
        {.id = id, .name = "T", .listing = table::Listing::open, .seats = {}, .owner = player(1), .owner_name = "Ann"},
        wall_clock_now(), here.chance());
    if (!event) co_return false;
    auto const host = co_await here.found(std::move(*event));
    co_return host.has_value();
  }

  /// Upgraded, and silent so far.
  Peer connect(int receive_bytes = 0) {
    Peer peer(server->port(), receive_bytes);
    peer.upgrade(table);
    return peer;
  }
  /// At the table.
  Peer join(std::string_view token, std::string_view client = "c", int receive_bytes = 0) {
    auto peer = connect(receive_bytes);
    peer.hello(token, client);
    peer.await("welcome");
    return peer;
  }
  static Json say(std::string const &id, std::string const &text) {
    return {{"op", "chat.say"}, {"id", id}, {"data", {{"text", text}}}};
  }
  std::uint64_t closed(metrics::CloseReason reason) { return catalogue.gateway.connections_closed.at(reason).value(); }
  std::uint64_t bad(metrics::BadInput kind) { return catalogue.gateway.bad_input.at(kind).value(); }

  metrics::Catalogue catalogue{vocabulary()};
  Knobs knobs;
  runtime::Shards shards{2, catalogue.runtime};
  runtime::BlockingPool pool{{.name = "test", .threads = 1, .queue_max = 64}, catalogue.runtime};
  storage::MemoryJournal journal;
  storage::MemorySnapshotStore snapshots;
  std::vector<std::unique_ptr<host::OpenTables>> tables;
  gateway::Router router;
  std::unique_ptr<gateway::PublicServer> server;
  std::string table;
};

// Before the upgrade.

TEST_F(GatewaySession, IsRefusedForATableThatIsNone) {
  for (auto const &id : {Uuid::random().text(), std::string("no-uuid")}) {
    Peer peer(server->port());
    peer.ask(id);
    EXPECT_THAT(peer.head(), StartsWith("HTTP/1.1 404")) << id;
  }
}

TEST_F(GatewaySession, IsRefusedWhileTheTableCannotBeLoaded) {
  journal.set_available(false);
  Peer peer(server->port());
  peer.ask(Uuid::random().text());
  auto const head = peer.head();
  EXPECT_THAT(head, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(head, HasSubstr("\r\nRetry-After: 1\r\n"));
  journal.set_available(true);
}

TEST_F(GatewaySession, IsRefusedForAnotherSubprotocol) {
  Peer peer(server->port());
  peer.ask(table, "chat");
  EXPECT_THAT(peer.head(), StartsWith("HTTP/1.1 400"));
}

TEST_F(GatewaySession, AsksAPlainRequestToUpgrade) {
  Peer peer(server->port());
  peer.send("GET /v1/tables/" + table + "/ws HTTP/1.1\r\nHost: x\r\n\r\n");
  auto const head = peer.head();
  EXPECT_THAT(head, StartsWith("HTTP/1.1 426"));
  EXPECT_THAT(head, HasSubstr("\r\nUpgrade: websocket\r\n"));
}

TEST_F(GatewaySession, ServesPlainToolsWithoutASubprotocol) {
  Peer peer(server->port());
  peer.ask(table, "");
  auto const head = peer.head();
  EXPECT_THAT(head, StartsWith("HTTP/1.1 101"));
  EXPECT_THAT(head, Not(HasSubstr("Sec-WebSocket-Protocol")));
}

// Hello.

TEST_F(GatewaySession, WelcomesWhoSaysHello) {
  auto peer = connect();
  peer.hello("ann");
  auto const welcome = peer.message();
  EXPECT_EQ(welcome.at("ev"), "welcome");
  EXPECT_EQ(welcome.at("you").at("player"), player(1).value.text());
  EXPECT_EQ(catalogue.gateway.connections_open.value(), 1);
  EXPECT_EQ(catalogue.gateway.connections_accepted.value(), 1U);
}

TEST_F(GatewaySession, HearsAHelloThatCameWithTheRequest) {
  Peer peer(server->port());
  peer.ask(table, "tableforge.v1+json", client_frame(ws::Opcode::text, R"({"op":"hello","token":"ann","client":"c"})"));
  EXPECT_THAT(peer.head(), StartsWith("HTTP/1.1 101"));
  EXPECT_EQ(peer.message().at("ev"), "welcome");
}

TEST_F(GatewaySession, ClosesWhoSaysNoHello) {
  ASSERT_TRUE(knobs.hello_deadline.set(milliseconds(500)));
  auto peer = connect();
  EXPECT_EQ(peer.await_close(), 4001);
}

TEST_F(GatewaySession, RefusesTokensThatAreForgedOrExpired) {
  for (auto const *token : {"forged", "late"}) {
    auto peer = connect();
    peer.hello(token);
    EXPECT_EQ(peer.await("error").at("error").at("code"), "unauthorized") << token;
    EXPECT_EQ(peer.await_close(), 4500) << token;
  }
  auto const code = static_cast<std::size_t>(protocol::ErrorCode::unauthorized);
  EXPECT_EQ(catalogue.gateway.errors.at(code).value(), 2U);
}

TEST_F(GatewaySession, RefusesWhateverComesBeforeAHello) {
  for (auto const *text : {"{", R"({"op":"hello"})", R"({"op":"hello","token":"ann","client":"c","x":1})",
                           R"({"op":"turn.next","id":"1"})", R"({"op":"presence","data":{"typing":true}})"}) {
    auto peer = connect();
    peer.frame(ws::Opcode::text, text);
    EXPECT_EQ(peer.await("error").at("error").at("code"), "bad_request") << text;
    EXPECT_EQ(peer.await_close(), 4501) << text;
  }
  EXPECT_EQ(bad(metrics::BadInput::hello), 5U);
}

TEST_F(GatewaySession, RefusesASecondHello) {
  auto peer = join("ann");
  peer.hello("ann");
  EXPECT_EQ(peer.await("error").at("error").at("code"), "bad_request");
  EXPECT_EQ(peer.await_close(), 4501);
}

TEST_F(GatewaySession, EndsWithItsToken) {
  auto peer = join("brief");
  EXPECT_EQ(peer.await("error").at("error").at("code"), "unauthorized");
  EXPECT_EQ(peer.await_close(), 4500);
}

// Messages.

TEST_F(GatewaySession, BringsAnActionToEverybody) {
  auto ann = join("ann");
  auto bob = join("bob");
  bob.text(say("1", "hi"));
  auto const heard = ann.await("chat.said");
  EXPECT_EQ(heard.at("data").at("text"), "hi");
  EXPECT_EQ(heard, bob.await("chat.said"));
}

TEST_F(GatewaySession, AnswersMalformedMessagesAndStays) {
  auto peer = join("ann");
  peer.text({{"op", "chat.say"}, {"id", "7"}, {"data", {{"text", 5}}}});
  auto const shape = peer.await("error");
  EXPECT_EQ(shape.at("id"), "7");
  EXPECT_EQ(shape.at("error").at("code"), "bad_request");
  EXPECT_EQ(shape.at("error").at("details").at("path"), "data.text");
  peer.text({{"op", "chat.shout"}, {"id", "8"}});
  EXPECT_EQ(peer.await("error").at("error").at("code"), "unknown_op");
  peer.text(say("9", "still here"));
  EXPECT_EQ(peer.await("chat.said").at("id"), "9");
  EXPECT_EQ(bad(metrics::BadInput::shape), 1U);
  EXPECT_EQ(bad(metrics::BadInput::unknown_op), 1U);
}

TEST_F(GatewaySession, PutsFragmentsTogetherAndAnswersPingsAmongThem) {
  auto peer = connect();
  std::string const hello = R"({"op":"hello","token":"ann","client":"c"})";
  peer.frame(ws::Opcode::text, hello.substr(0, 10), false);
  peer.frame(ws::Opcode::ping, "are you there");
  auto const pong = peer.receive();
  EXPECT_EQ(pong.kind, ws::Step::Kind::pong);
  EXPECT_EQ(pong.payload, "are you there");
  peer.frame(ws::Opcode::continuation, hello.substr(10, 5), false);
  peer.frame(ws::Opcode::continuation, hello.substr(15));
  EXPECT_EQ(peer.message().at("ev"), "welcome");
}

TEST_F(GatewaySession, TakesManyMessagesAtOnceInOrder) {
  auto peer = join("ann");
  std::string burst;
  for (int i = 0; i < 60; ++i) {
    burst += client_frame(ws::Opcode::text, say(std::to_string(i), std::string(1'000, 'x')).dump());
  }
  peer.send(burst);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(peer.await("chat.said").at("id"), std::to_string(i));
}

TEST_F(GatewaySession, HoldsActionsToTheirRate) {
  ASSERT_TRUE(knobs.session_actions_per_second.set(1));
  ASSERT_TRUE(knobs.session_actions_burst.set(2));
  auto peer = join("ann");
  for (auto const *id : {"1", "2", "3"}) peer.text(say(id, "hi"));
  auto const refused = peer.await("error");
  EXPECT_EQ(refused.at("id"), "3");
  EXPECT_EQ(refused.at("error").at("code"), "rate_limited");
  EXPECT_EQ(refused.at("error").at("retryable"), true);
  EXPECT_GT(refused.at("error").at("details").at("retry_after_ms"), 0);
  EXPECT_LE(refused.at("error").at("details").at("retry_after_ms"), 1'000);
  EXPECT_EQ(catalogue.gateway.rate_limited.value(), 1U);
}

TEST_F(GatewaySession, DropsPresenceThatComesTooFast) {
  ASSERT_TRUE(knobs.session_presence_per_second.set(1));
  auto ann = join("ann");
  auto bob = join("bob");
  std::string burst;
  for (int i = 0; i < 3; ++i) {
    burst += client_frame(ws::Opcode::text, Json({{"op", "presence"}, {"data", {{"cursor", {i, 0}}}}}).dump());
  }
  bob.send(burst + client_frame(ws::Opcode::text, say("1", "done").dump()));
  int cursors = 0;
  auto const read_to = [&](std::string const &id) {
    for (Json next = ann.message(); next.value("id", "") != id; next = ann.message()) {
      if (next.at("ev") == "presence" && next.at("data").contains("cursor")) ++cursors;
    }
  };
  read_to("1");
  // Presence leaves at the end of its turn, behind an event that is released in the same one.
  bob.text(say("2", "and done"));
  read_to("2");
  EXPECT_EQ(cursors, 1);
  EXPECT_EQ(catalogue.gateway.rate_limited.value(), 2U);
}

TEST_F(GatewaySession, ClosesWhoSendsNothingButGarbage) {
  auto peer = join("ann");
  std::string flood;
  for (int i = 0; i < 1'000; ++i) flood += client_frame(ws::Opcode::text, "{}");
  peer.send(flood);
  EXPECT_EQ(peer.await_close(), 4501);
}

TEST_F(GatewaySession, ClosesWhoFloodsItWithPings) {
  auto peer = join("ann");
  std::string flood;
  for (int i = 0; i < 20'000; ++i) flood += client_frame(ws::Opcode::ping, "");
  peer.send(flood);
  EXPECT_EQ(peer.await_close(), 4501);
}

// Frames that break the rules.

TEST_F(GatewaySession, RefusesBinaryFrames) {
  auto peer = join("ann");
  peer.frame(ws::Opcode::binary, "x");
  EXPECT_EQ(peer.await("error").at("error").at("code"), "bad_request");
  EXPECT_EQ(peer.await_close(), 4501);
  EXPECT_EQ(bad(metrics::BadInput::binary), 1U);
}

TEST_F(GatewaySession, RefusesOversizedMessagesOfWhichTheCloseArrives) {
  auto peer = join("ann");
  // All of it is sent before anything is read: the answer must not be lost to a reset.
  peer.frame(ws::Opcode::text, std::string(1'000'000, 'x'));
  EXPECT_EQ(peer.await_close(), 1009);
  EXPECT_EQ(bad(metrics::BadInput::too_large), 1U);
}

TEST_F(GatewaySession, RefusesTextThatIsNotUtf8) {
  auto peer = join("ann");
  peer.frame(ws::Opcode::text, "\"\xc0\xaf\"");
  EXPECT_EQ(peer.await_close(), 1007);
  EXPECT_EQ(bad(metrics::BadInput::utf8), 1U);
}

TEST_F(GatewaySession, RefusesUnmaskedFrames) {
  auto peer = join("ann");
  std::string frame;
  gateway::append_text_frame(frame, "{}");
  peer.send(frame);
  EXPECT_EQ(peer.await_close(), 1002);
  EXPECT_TRUE(peer.receive().end);
  EXPECT_EQ(bad(metrics::BadInput::frame), 1U);
}

// Ends.

TEST_F(GatewaySession, EchoesTheClientsCloseAndTellsTheOthers) {
  auto ann = join("ann");
  auto bob = join("bob");
  ann.await("player.joined");
  bob.frame(ws::Opcode::close, "\x03\xe8");
  EXPECT_EQ(bob.await_close(), 1000);
  EXPECT_TRUE(bob.receive().end);
  for (;;) {
    auto const presence = ann.await("presence");
    if (presence.at("data").value("online", true)) continue;
    EXPECT_EQ(presence.at("by"), player(2).value.text());
    break;
  }
  EXPECT_EQ(closed(metrics::CloseReason::client), 1U);
  EXPECT_EQ(catalogue.gateway.connections_open.value(), 1);
}

TEST_F(GatewaySession, TellsTheOthersOfAConnectionThatIsLost) {
  auto ann = join("ann");
  {
    auto bob = join("bob");
    ann.await("player.joined");
  }
  Json presence;
  do presence = ann.await("presence");
  while (presence.at("data").value("online", true));
  EXPECT_EQ(presence.at("by"), player(2).value.text());
}

TEST_F(GatewaySession, IsReplacedByTheSameClient) {
  auto first = join("ann", "tab");
  auto second = join("ann", "tab");
  EXPECT_EQ(first.await("goodbye").at("reason"), "replaced");
  EXPECT_EQ(first.await_close(), 4009);
  second.text(say("1", "hi"));
  EXPECT_EQ(second.await("chat.said").at("id"), "1");
}

TEST_F(GatewaySession, LeavesTwoClientsOfOnePlayerAlone) {
  auto first = join("ann", "one");
  auto second = join("ann", "two");
  first.text(say("1", "hi"));
  EXPECT_EQ(first.await("chat.said").at("client"), "one");
  EXPECT_EQ(second.await("chat.said").at("client"), "one");
}

TEST_F(GatewaySession, IsPingedWhenSilentAndClosedWhenItStaysSo) {
  ASSERT_TRUE(knobs.ping_interval.set(milliseconds(1'000)));
  auto peer = join("ann");
  auto frame = peer.receive();
  ASSERT_EQ(frame.kind, ws::Step::Kind::ping);
  peer.frame(ws::Opcode::pong, frame.payload);
  // It was heard, so it is asked again; this time it stays silent.
  frame = peer.receive();
  ASSERT_EQ(frame.kind, ws::Step::Kind::ping);
  EXPECT_EQ(peer.await_close(), 1001);
  EXPECT_TRUE(peer.receive().end);
}

TEST_F(GatewaySession, ResyncsAClientThatFellBehind) {
  ASSERT_TRUE(knobs.outbox_bytes_max.set(16'384));
  ASSERT_TRUE(knobs.session_actions_per_second.set(10'000));
  ASSERT_TRUE(knobs.session_actions_burst.set(10'000));
  auto ann = join("ann");
  auto bob = join("bob", "c", 4'096);
  // As much as it takes: how much the kernel keeps for a client that does not read is its own affair.
  constexpr int kMax = 20'000;
  int said = 0;
  while (catalogue.host.resyncs.value() == 0 && said < kMax) {
    ann.text(say(std::to_string(said++), std::string(2'000, 'x')));
    ann.await("chat.said");
  }
  ASSERT_LT(said, kMax);
  auto const resync = bob.await("resync");
  ann.text(say("last", "over"));
  auto const next = bob.await("chat.said");
  EXPECT_EQ(next.at("id"), "last");
  EXPECT_EQ(next.at("seq").get<Seq>(), resync.at("seq").get<Seq>() + 1);
}

TEST_F(GatewaySession, IsToldThatTheServerGoes) {
  auto joined = join("ann");
  auto silent = connect();
  server->stop_accepting();
  close_tables();
  auto const goodbye = joined.await("goodbye");
  EXPECT_EQ(goodbye.at("reason"), "restarting");
  EXPECT_LE(goodbye.at("retry_after_ms"), 50);
  EXPECT_EQ(joined.await_close(), 4000);
  joined.frame(ws::Opcode::close, "\x0f\xa0");
  EXPECT_TRUE(joined.receive().end);

  auto stopping = std::async(std::launch::async, [&] { server->stop(seconds(10)); });
  EXPECT_EQ(silent.await("goodbye").at("reason"), "restarting");
  EXPECT_EQ(silent.await_close(), 4000);
  silent.frame(ws::Opcode::close, "\x0f\xa0");
  EXPECT_TRUE(silent.receive().end);
  stopping.get();
  EXPECT_EQ(catalogue.gateway.connections_open.value(), 0);
  EXPECT_EQ(closed(metrics::CloseReason::restarting), 2U);
}

TEST_F(GatewaySession, IsNotWaitedForWhenItDoesNotAnswerAClose) {
  auto peer = connect();
  server->stop(seconds(10));
  EXPECT_EQ(peer.await_close(), 4000);
  EXPECT_TRUE(peer.receive().end);
  EXPECT_EQ(catalogue.gateway.connections_open.value(), 0);
}

}  // namespace
}  // namespace tableforge::test
