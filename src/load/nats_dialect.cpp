#include <charconv>

#include "load/broadcast_payload.hpp"
#include "load/dialect.hpp"

namespace tableforge::load {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

/// The text protocol of NATS in binary frames, which end where they like: lines, and after MSG so many bytes.
///
/// Bounds: what is kept between frames is at most a line and a message of ours; more is not NATS.
class NatsDialect final : public Dialect {
 public:
  explicit NatsDialect(DialectShare &share) : share_(share) {}

  std::string target(LoadSeat const &) const override { return "/"; }
  ws::Opcode opcode() const override { return ws::Opcode::binary; }
  void opened(LoadSeat const &, std::optional<Seq>, Hearing &) override {}  // It speaks first.
  void compose(std::string &out, LoadSeat &seat, LoadKind, Mark mark, std::uint64_t number) override {
    out += "PUB t." + std::to_string(seat.table) + " " + std::to_string(kPayloadBytes);
    out += kLineEnd;
    append_payload(out, PayloadForm::plain, {.mark = mark, .number = number});
    out += kLineEnd;
  }

  void take(std::string_view message, LoadSeat &seat, Hearing &hearing) override {
    if (unread_.empty()) {
      unread_ = message.substr(take_lines(message, seat, hearing));
      return;
    }
    unread_ += message;
    unread_.erase(0, take_lines(unread_, seat, hearing));
  }

 private:
  /// How many bytes could be understood.
  std::size_t take_lines(std::string_view text, LoadSeat const &seat, Hearing &hearing) {
    std::size_t used = 0;
    for (;;) {
      auto const rest = text.substr(used);
      auto const end = rest.find(kLineEnd);
      if (end == std::string_view::npos) return used;
      auto const line = rest.substr(0, end);
      auto const after = end + kLineEnd.size();
      if (line.starts_with("MSG ")) {
        std::size_t size = 0;
        auto const *const digits = line.data() + line.rfind(' ') + 1;
        auto const [stop, code] = std::from_chars(digits, line.data() + line.size(), size);
        if (code != std::errc{} || stop != line.data() + line.size() || size != kPayloadBytes) {
          hearing.broken("a message is none of ours: " + std::string(line.substr(0, 200)));
          return text.size();
        }
        if (rest.size() < after + size + kLineEnd.size()) return used;
        auto const payload = read_payload(rest.substr(after, size), PayloadForm::plain);
        if (!payload) {
          hearing.broken("a message is none of ours");
          return text.size();
        }
        hearing.broadcast(payload->mark, payload->number);
        used += after + size + kLineEnd.size();
      } else {
        take_line(line, seat, hearing);
        used += after;
      }
    }
  }

  void take_line(std::string_view line, LoadSeat const &seat, Hearing &hearing) {
    if (line == "PING") return hearing.reply("PONG\r\n");
    if (line == "PONG") return hearing.settled();
    if (line.starts_with("INFO ")) {
      if (greeted_) return;  // News about its cluster.
      greeted_ = true;
      return hearing.reply(std::string(R"(CONNECT {"verbose":false,"pedantic":false,"headers":false,"echo":)") +
                           (share_.echo ? "true" : "false") + R"(,"lang":"c++","version":"1","protocol":1})" +
                           "\r\nSUB t." + std::to_string(seat.table) + " 1\r\nPING\r\n");
    }
    hearing.broken("a line is not understood: " + std::string(line.substr(0, 200)));
  }

  DialectShare &share_;
  std::string unread_;
  bool greeted_ = false;
};

}  // namespace

std::unique_ptr<Dialect> make_nats_dialect(DialectShare &share) { return std::make_unique<NatsDialect>(share); }

}  // namespace tableforge::load
