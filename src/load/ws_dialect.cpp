#include "load/broadcast_payload.hpp"
#include "load/dialect.hpp"

namespace tableforge::load {

namespace {

/// A bare WebSocket server: what comes in on a path goes out to everybody else on it.
class WsDialect final : public Dialect {
 public:
  explicit WsDialect(DialectShare &share) : share_(share) {}

  std::string target(LoadSeat const &seat) const override {
    return "/t/" + std::to_string(seat.table) + (share_.echo ? "?echo=1" : "");
  }
  void opened(LoadSeat const &, std::optional<Seq>, Hearing &hearing) override { hearing.settled(); }
  void compose(std::string &out, LoadSeat &, LoadKind, Mark mark, std::uint64_t number) override {
    append_payload(out, PayloadForm::plain, {.mark = mark, .number = number});
  }
  void take(std::string_view message, LoadSeat &, Hearing &hearing) override {
    auto const payload = read_payload(message, PayloadForm::plain);
    if (!payload) return hearing.broken("a message is none of ours: " + std::string(message.substr(0, 200)));
    hearing.broadcast(payload->mark, payload->number);
  }

 private:
  DialectShare &share_;
};

}  // namespace

std::unique_ptr<Dialect> make_ws_dialect(DialectShare &share) { return std::make_unique<WsDialect>(share); }

}  // namespace tableforge::load
