#include <algorithm>
#include <array>
#include <charconv>

#include "load/dialect.hpp"
#include "load/event_scanner.hpp"
#include "load/json.hpp"

namespace tableforge::load {

namespace {

constexpr std::string_view kSetupId = "setup-";
// Of the bag: more than all seats hold at a time, so that a draw always finds one.
constexpr std::size_t kCards = 36;
constexpr std::uint64_t kBoardSize = 1'000;

void append_number(std::string &out, std::uint64_t value) {
  char digits[20];
  auto const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

std::string seat_name(LoadSeat const &seat) { return "s" + std::to_string(seat.place + 1); }

std::string setup_id(LoadSeat const &seat) { return std::string(kSetupId) + std::to_string(seat.index) + "-"; }

/// A token for each seat, which it moves about, and cards in the bag.
std::string pieces_of(LoadSeat const &seat) {
  Json pieces = Json::array();
  for (std::size_t place = 0; place < seat.seats; ++place) {
    pieces.push_back({{"kind", "token"},
                      {"zone", "board"},
                      {"face", "p" + std::to_string(place + 1)},
                      {"back", "token"},
                      {"x", place},
                      {"y", 0}});
  }
  for (std::size_t card = 0; card < kCards; ++card) {
    pieces.push_back({{"kind", "card"}, {"zone", "bag"}, {"face", "f" + std::to_string(card)}, {"back", "card"}});
  }
  return Json{{"op", "piece.create"}, {"id", setup_id(seat) + "pieces"}, {"data", {{"pieces", std::move(pieces)}}}}
      .dump();
}

std::string take_seat(LoadSeat const &seat) {
  return Json{{"op", "seat.take"}, {"id", setup_id(seat) + "seat"}, {"data", {{"seat", seat_name(seat)}}}}.dump();
}

class TableforgeDialect final : public Dialect {
 public:
  explicit TableforgeDialect(DialectShare &share) : share_(share) {}

  std::string target(LoadSeat const &seat) const override { return "/v1/tables/" + seat.table_id + "/ws"; }
  std::string subprotocol() const override { return "tableforge.v1+json"; }

  void opened(LoadSeat const &seat, std::optional<Seq> resume, Hearing &hearing) override {
    Json hello{{"op", "hello"}, {"token", seat.token}, {"client", seat.client}};
    if (resume) hello["resume"] = {{"seq", *resume}};
    hearing.reply(hello.dump());
  }

  void compose(std::string &out, LoadSeat &seat, LoadKind kind, Mark mark, std::uint64_t number) override;
  void take(std::string_view frame, LoadSeat &seat, Hearing &hearing) override;

 private:
  void take_scanned(Scan const &found, LoadSeat &seat, Hearing &hearing);
  void take_parsed(Json const &message, LoadSeat &seat, Hearing &hearing);
  void take_welcome(Json const &message, LoadSeat const &seat, Hearing &hearing);
  void take_error(Json const &message, LoadSeat &seat, Hearing &hearing);
  void take_id(std::string_view id, LoadSeat const &seat, Hearing &hearing);
  void check(std::string_view message, Scan const &found, Hearing &hearing);

  DialectShare &share_;
  int setup_steps_ = 0;  // That have not been answered.
};

void TableforgeDialect::compose(std::string &out, LoadSeat &seat, LoadKind kind, Mark mark, std::uint64_t number) {
  if (kind == LoadKind::presence) {
    out += R"({"op":"presence","data":{"cursor":[)";
    auto const cursor = cursor_of(mark);
    append_number(out, cursor.x);
    out += ',';
    append_number(out, cursor.y);
    out += "]}}";
    return;
  }
  out += R"({"id":")";
  append_mark_id(out, mark);
  switch (kind) {
    case LoadKind::move:
      out += R"(","op":"piece.move","data":{"moves":[{"piece":")";
      out += seat.piece;
      out += R"(","to":{"zone":"board","x":)";
      append_number(out, number * 7 % kBoardSize);
      out += R"(,"y":)";
      append_number(out, number * 13 % kBoardSize);
      out += "}}]}}";
      break;
    case LoadKind::draw:
      // By turns out of the bag and back into it, so that it never runs out.
      out += seat.holds_card ? R"(","op":"zone.draw","data":{"from":"hand:)" : R"(","op":"zone.draw","data":{"from":")";
      out += seat.holds_card ? seat_name(seat) + R"(","to":"bag","count":1}})" : R"(bag","count":1}})";
      seat.holds_card = !seat.holds_card;
      break;
    case LoadKind::dice: out += R"(","op":"dice.roll","data":{"notation":"2d6","to":"all"}})"; break;
    default: out += R"(","op":"chat.say","data":{"text":"Well played, but the next round is going to be mine."}})";
  }
}

void TableforgeDialect::take(std::string_view frame, LoadSeat &seat, Hearing &hearing) {
  auto rest = frame;
  while (auto const message = next_message(rest)) {
    auto const found = scan(*message);
    if (found.kind == Scan::Kind::unclear) {
      bool const in_array = frame.front() == '[';
      auto const from = static_cast<std::size_t>(message->data() - frame.data());
      auto const text = in_array ? "[" + std::string(frame.substr(from)) : std::string(frame);
      auto const json = Json::parse(text, nullptr, false);
      if (json.is_discarded()) return hearing.broken("a message is not JSON");
      if (!in_array) return take_parsed(json, seat, hearing);
      for (auto const &each : json) take_parsed(each, seat, hearing);
      return;
    }
    if (--share_.until_check == 0) check(*message, found, hearing);
    take_scanned(found, seat, hearing);
  }
}

void TableforgeDialect::take_scanned(Scan const &found, LoadSeat &seat, Hearing &hearing) {
  if (found.kind == Scan::Kind::online) return;
  if (found.kind == Scan::Kind::presence) {
    if (found.mark) {
      hearing.presence(*found.mark);
    } else {
      hearing.broken("a presence is none of ours");
    }
    return;
  }
  hearing.event(found.seq, found.mark);
  if (setup_steps_ > 0) take_id(found.id, seat, hearing);
}

void TableforgeDialect::take_id(std::string_view id, LoadSeat const &seat, Hearing &hearing) {
  if (id.starts_with(setup_id(seat)) && --setup_steps_ == 0) hearing.settled();
}

void TableforgeDialect::take_parsed(Json const &message, LoadSeat &seat, Hearing &hearing) {
  ++share_.parsed;
  try {
    auto const &ev = message.at("ev").get_ref<std::string const &>();
    if (ev == "welcome") return take_welcome(message, seat, hearing);
    if (ev == "resync") return hearing.resynced(message.at("seq").get<Seq>());
    if (ev == "error") return take_error(message, seat, hearing);
    if (ev == "goodbye") return;  // Its close says the same.
    if (ev == "presence") {
      auto const &data = message.at("data");
      if (data.contains("online")) return;
      auto const &cursor = data.at("cursor");
      auto const mark = mark_of_cursor(cursor.at(0).get<std::uint64_t>(), cursor.at(1).get<std::uint64_t>());
      if (!mark) return hearing.broken("a presence is none of ours");
      return hearing.presence(*mark);
    }
    auto const id = message.value("id", std::string());
    hearing.event(message.at("seq").get<Seq>(), parse_mark_id(id));
    if (setup_steps_ > 0) take_id(id, seat, hearing);
  } catch (Json::exception const &error) {
    hearing.broken(std::string("a message has not the expected shape: ") + error.what());
  }
}

void TableforgeDialect::take_welcome(Json const &message, LoadSeat const &seat, Hearing &hearing) {
  hearing.welcomed(message.at("seq").get<Seq>(), message.at("mode").get<std::string>() == "replay");
  if (seat.settled || !seat.seated()) return hearing.settled();
  if (seat.place == 0) {
    ++setup_steps_;
    hearing.reply(pieces_of(seat));
  }
  ++setup_steps_;
  hearing.reply(take_seat(seat));
}

void TableforgeDialect::take_error(Json const &message, LoadSeat &seat, Hearing &hearing) {
  auto const id = message.value("id", std::string());
  auto const &error = message.at("error");
  auto const code = error.at("code").get<std::string>();
  if (!parse_mark_id(id)) return hearing.broken("the server answered: " + error.dump());
  // This client was wrong about its hand: an earlier draw was refused.
  if (code == "empty") seat.holds_card = false;
  hearing.refused(code + ": " + error.value("message", std::string()));
}

/// Whether the whole message says what the scanner saw in it, and is a whole message.
void TableforgeDialect::check(std::string_view message, Scan const &found, Hearing &hearing) {
  share_.until_check = share_.sample;
  ++share_.checked;
  try {
    auto const json = Json::parse(message);
    auto const &data = json.at("ev") == "skip" ? json : json.at("data");
    bool right = data.is_object();
    switch (found.kind) {
      case Scan::Kind::event:
        right = right && json.at("seq").get<Seq>() == found.seq && json.value("id", std::string()) == found.id;
        if (found.mark) {
          right = right && json.at("by").is_string() && json.at("at").is_string() && json.at("client").is_string();
        }
        break;
      case Scan::Kind::presence: {
        auto const cursor = cursor_of(found.mark.value_or(Mark{}));
        right = right && json.at("by").is_string() && data.at("cursor") == Json::array({cursor.x, cursor.y});
        break;
      }
      default: right = right && data.at("online").is_boolean(); break;
    }
    if (!right) hearing.broken("a message is not what the scanner saw: " + std::string(message.substr(0, 200)));
  } catch (Json::exception const &error) {
    hearing.broken(std::string("a message has not the expected shape: ") + error.what());
  }
}

}  // namespace

std::unique_ptr<Dialect> make_tableforge_dialect(DialectShare &share) {
  return std::make_unique<TableforgeDialect>(share);
}

}  // namespace tableforge::load
