#include "load/broadcast_payload.hpp"
#include "load/dialect.hpp"

namespace tableforge::load {

namespace {

constexpr std::string_view kEvent = R"(42["m",")";
constexpr std::string_view kEventEnd = R"("])";

/// Socket.IO 4 over Engine.IO 4, without long polling before: `0{…}` opens, `40` connects, `42[…]` is an event.
class SocketIoDialect final : public Dialect {
 public:
  explicit SocketIoDialect(DialectShare &share) : share_(share) {}

  std::string target(LoadSeat const &) const override { return "/socket.io/?EIO=4&transport=websocket"; }
  void opened(LoadSeat const &, std::optional<Seq>, Hearing &) override {}  // It speaks first.
  void compose(std::string &out, LoadSeat &, LoadKind, Mark mark, std::uint64_t number) override {
    out += kEvent;
    append_payload(out, PayloadForm::escaped, {.mark = mark, .number = number});
    out += kEventEnd;
  }

  void take(std::string_view message, LoadSeat &seat, Hearing &hearing) override {
    if (message.starts_with(kEvent) && message.ends_with(kEventEnd)) {
      auto const text = message.substr(kEvent.size(), message.size() - kEvent.size() - kEventEnd.size());
      if (auto const payload = read_payload(text, PayloadForm::escaped)) {
        return hearing.broadcast(payload->mark, payload->number);
      }
    }
    if (message == "2") return hearing.reply("3");  // A ping.
    if (message.starts_with("0{")) return hearing.reply("40");
    if (message.starts_with("40{")) {
      // The number asks for an answer, after which the room has been joined.
      return hearing.reply(R"(420["join",{"t":)" + std::to_string(seat.table) + R"(,"echo":)" +
                           (share_.echo ? "true" : "false") + "}]");
    }
    if (message == "430[]") return hearing.settled();
    hearing.broken("a message is not understood: " + std::string(message.substr(0, 200)));
  }

 private:
  DialectShare &share_;
};

}  // namespace

std::unique_ptr<Dialect> make_socket_io_dialect(DialectShare &share) {
  return std::make_unique<SocketIoDialect>(share);
}

}  // namespace tableforge::load
