#include "load/broadcast_payload.hpp"
#include "load/dialect.hpp"
#include "load/json.hpp"

namespace tableforge::load {

namespace {

constexpr char kJoinRoom = 0x0a;
// ROOM_DATA, then the type "m" and a text of one length byte, both as MessagePack.
constexpr std::string_view kRoomData = "\x0d\xa1m\xd9";
static_assert(kPayloadBytes < 256);

/// Colyseus 0.16: a seat is reserved over HTTP, then taken over a WebSocket that speaks binary.
class ColyseusDialect final : public Dialect {
 public:
  explicit ColyseusDialect(DialectShare &share) : share_(share) {}

  std::optional<HttpRequest> reservation(LoadSeat const &seat) const override {
    return HttpRequest{.method = HttpRequest::Method::post,
                       .target = "/matchmake/joinOrCreate/table",
                       .token = {},
                       .body = Json{{"t", seat.table}, {"echo", share_.echo}}.dump()};
  }
  void reserved(std::string_view answer) override {
    auto const json = Json::parse(answer);
    auto const &room = json.at("room");
    target_ = "/" + room.at("processId").get<std::string>() + "/" + room.at("roomId").get<std::string>() +
              "?sessionId=" + json.at("sessionId").get<std::string>();
  }
  std::string target(LoadSeat const &) const override { return target_; }
  ws::Opcode opcode() const override { return ws::Opcode::binary; }
  void opened(LoadSeat const &, std::optional<Seq>, Hearing &) override {}  // It speaks first.
  void compose(std::string &out, LoadSeat &, LoadKind, Mark mark, std::uint64_t number) override {
    out += kRoomData;
    out += static_cast<char>(kPayloadBytes);
    append_payload(out, PayloadForm::plain, {.mark = mark, .number = number});
  }

  void take(std::string_view message, LoadSeat &, Hearing &hearing) override {
    if (message.starts_with(kRoomData) && message.size() > kRoomData.size()) {
      if (auto const payload = read_payload(message.substr(kRoomData.size() + 1), PayloadForm::plain)) {
        return hearing.broadcast(payload->mark, payload->number);
      }
    }
    if (!message.starts_with(kJoinRoom)) return hearing.broken("a message is not understood");
    hearing.reply(std::string_view(&kJoinRoom, 1));
    hearing.settled();
  }

 private:
  DialectShare &share_;
  std::string target_;
};

}  // namespace

std::unique_ptr<Dialect> make_colyseus_dialect(DialectShare &share) { return std::make_unique<ColyseusDialect>(share); }

}  // namespace tableforge::load
