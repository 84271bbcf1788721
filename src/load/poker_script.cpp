#include "load/poker_script.hpp"

#include <algorithm>
#include <array>

#include "tableforge/base/uuid.hpp"

#include "load/card.hpp"
#include "load/trouble.hpp"

namespace tableforge::load {

namespace asio = boost::asio;

namespace {

constexpr std::array<std::string_view, 3> kStreets{"flop", "turn", "river"};
constexpr std::array<std::string_view, 3> kAudiences{"all", "gm", "self"};

Json move_of(std::string const &piece, std::string const &zone) { return {{"piece", piece}, {"to", {{"zone", zone}}}}; }

std::vector<std::string> faces_of(Json const &pieces) {
  std::vector<std::string> faces;
  for (auto const &piece : pieces) faces.push_back(piece.value("face", "?"));
  return faces;
}

std::string list(std::vector<std::string> const &faces) {
  std::string text;
  for (auto const &face : faces) text += " " + face;
  return text.empty() ? " nothing" : text;
}

}  // namespace

asio::awaitable<void> PokerScript::play(PokerHand const &hand) {
  if (hand.stacks.size() != table_.seats()) throw Trouble("the hand is for another number of seats");
  folded_.assign(table_.seats(), false);
  co_await set_chips(hand);
  co_await look_through_deck();
  co_await deal_holes(hand);
  co_await table_talk();
  for (std::size_t at = 0; at < hand.steps.size(); ++at) co_await play_step(hand, at);
  for (std::size_t seat = 0; seat < table_.seats(); ++seat) {
    if (hand.collected[seat] > 0) co_await transfer(table_.dealer(), "pot", chips_of(seat), hand.collected[seat]);
  }
  co_await check_end(hand);
  co_await table_.compare_pictures();
  co_await gather_cards();
}

asio::awaitable<void> PokerScript::set_chips(PokerHand const &hand) {
  for (std::size_t seat = 0; seat < table_.seats(); ++seat) {
    co_await table_.act(table_.dealer(), "counter.set", {{"counter", chips_of(seat)}, {"value", hand.stacks[seat]}});
  }
}

asio::awaitable<void> PokerScript::look_through_deck() {
  table_.entitlements().grant_everything(table_.dealer(), table_.next_seq());
  auto const peeked = co_await table_.act(table_.dealer(), "zone.peek", {{"zone", "deck"}, {"count", kCards}});
  deck_.clear();
  for (auto const &known : peeked.at("data").at("known")) deck_.emplace(known.at("face"), known.at("id"));
  if (deck_.size() != kCards) throw Trouble(table_.name() + ": the deck does not hold 52 different cards");

  // A player must not get at it, and must not learn from the refusal that there is such a card. Seat 0 is the owner's.
  auto const curious = 1 + table_.saboteur().pick(table_.seats() - 1);
  co_await table_.try_forbidden(curious, "zone.peek", {{"zone", "deck"}, {"count", 1}}, "forbidden");
  Json const one = Json::array({deck_.begin()->second});
  co_await table_.try_forbidden(curious, "piece.turn", {{"pieces", one}, {"side", "front"}}, "not_found");
}

asio::awaitable<void> PokerScript::deal_holes(PokerHand const &hand) {
  // A card in a hand is seen by its owner alone, whichever side is up.
  bool const face_up = table_.saboteur().chance(0.5);
  bool const at_once = table_.saboteur().chance(0.5);
  Json moves = Json::array();
  for (std::size_t round = 0; round < 2; ++round) {
    for (std::size_t seat = 0; seat < table_.seats(); ++seat) {
      auto const &face = hand.holes[seat][round];
      table_.entitlements().grant(seat, face, table_.next_seq());
      auto move = move_of(deck_.at(face), hand_of(seat));
      if (face_up) move["side"] = "front";
      moves.push_back(std::move(move));
    }
    if (at_once) continue;
    co_await table_.act(table_.dealer(), "piece.move", {{"moves", std::exchange(moves, Json::array())}});
  }
  if (!moves.empty()) co_await table_.act(table_.dealer(), "piece.move", {{"moves", std::move(moves)}});
}

asio::awaitable<void> PokerScript::table_talk() {
  auto &saboteur = table_.saboteur();
  auto const speaker = saboteur.pick(table_.seats());
  auto const listener = (speaker + 1) % table_.seats();
  auto const secret = std::string(kSecretPrefix) + Uuid::random().text();
  table_.entitlements().share_secret(secret, {speaker, listener});
  Json const listeners = Json::array({table_.player(listener)});
  co_await table_.act(speaker, "chat.whisper", {{"to", listeners}, {"text", secret}});
  co_await table_.act(
      listener, "dice.roll",
      {{"notation", "2d6+1"}, {"to", kAudiences[saboteur.pick(kAudiences.size())]}, {"reason", "side bet"}});
  table_.show_presence(listener, {{"cursor", Json::array({saboteur.pick(1'000), 40.5})}, {"typing", true}});
}

asio::awaitable<void> PokerScript::play_step(PokerHand const &hand, std::size_t at) {
  auto const &step = hand.steps[at];
  auto const seat = step.seat;
  switch (step.kind) {
    case PokerStep::Kind::deal: {
      bool const last = at + 1 == hand.steps.size();
      co_await deal_board(step.cards, last ? 0 : hand.steps[at + 1].seat);
      break;
    }
    case PokerStep::Kind::put: co_await transfer(seat, chips_of(seat), "pot", step.amount); break;
    case PokerStep::Kind::take_back: co_await transfer(table_.dealer(), "pot", chips_of(seat), step.amount); break;
    case PokerStep::Kind::fold:
      co_await muck(seat);
      folded_[seat] = true;
      break;
    case PokerStep::Kind::check: co_await table_.act(seat, "chat.say", {{"text", "check"}}); break;
    case PokerStep::Kind::show: co_await show(seat, step.cards); break;
  }
}

asio::awaitable<void> PokerScript::transfer(std::size_t viewer, std::string from, std::string to, Chips amount) {
  co_await table_.act(viewer, "counter.transfer",
                      {{"from", std::move(from)}, {"to", std::move(to)}, {"amount", amount}});
}

asio::awaitable<void> PokerScript::deal_board(std::vector<std::string> faces, std::size_t to_act) {
  auto const *seen = co_await table_.look(table_.dealer());
  auto index = seen->pieces("board").size();
  Json const condition{{"zone", "deck"}, {"version", seen->zone("deck").at("version")}};
  Json moves = Json::array();
  for (auto const &face : faces) {
    table_.entitlements().grant_all(face, table_.next_seq());
    auto move = move_of(deck_.at(face), "board");
    move["to"]["index"] = index++;
    move["side"] = "front";
    moves.push_back(std::move(move));
  }
  co_await table_.act(table_.dealer(), "piece.move", {{"moves", std::move(moves)}}, condition);

  Json order = Json::array();
  for (std::size_t seat = 0; seat < table_.seats(); ++seat) {
    if (!folded_[seat]) order.push_back(table_.seat(seat));
  }
  co_await table_.act(table_.dealer(), "turn.order", {{"seats", order}});
  std::size_t const street = index <= 3 ? 0 : index == 4 ? 1 : 2;
  auto const active = folded_[to_act] ? order.front() : Json(table_.seat(to_act));
  co_await table_.act(table_.dealer(), "turn.set", {{"seat", active}, {"phase", kStreets[street]}});
}

asio::awaitable<void> PokerScript::muck(std::size_t seat) {
  auto const *seen = co_await table_.look(seat);
  Json moves = Json::array();
  for (auto const &piece : seen->pieces(hand_of(seat))) moves.push_back(move_of(piece.at("id"), "muck"));
  if (!moves.empty()) co_await table_.act(seat, "piece.move", {{"moves", std::move(moves)}});
}

asio::awaitable<void> PokerScript::show(std::size_t seat, std::vector<std::string> faces) {
  auto const *seen = co_await table_.look(seat);
  Json pieces = Json::array();
  for (auto const &piece : seen->pieces(hand_of(seat))) {
    if (std::ranges::find(faces, piece.value("face", "?")) != faces.end()) pieces.push_back(piece.at("id"));
  }
  for (auto const &face : faces) table_.entitlements().grant_all(face, table_.next_seq());
  co_await table_.act(seat, "zone.reveal", {{"pieces", std::move(pieces)}, {"to", "all"}});
}

asio::awaitable<void> PokerScript::check_end(PokerHand const &hand) {
  for (std::size_t viewer = 0; viewer < table_.viewers(); ++viewer) {
    auto const *seen = co_await table_.look(viewer);
    if (auto const left = seen->counter("pot"); left != 0) table_.mismatch("the pot keeps " + std::to_string(left));
    if (auto const board = faces_of(seen->pieces("board")); board != hand.board) {
      table_.mismatch("the board shows" + list(board) + ", not" + list(hand.board));
    }
    for (std::size_t seat = 0; seat < table_.seats(); ++seat) {
      auto const chips = seen->counter(chips_of(seat));
      if (chips != hand.final[seat]) {
        table_.mismatch(table_.seat(seat) + " ends with " + std::to_string(chips) + " hundredths of a chip, not " +
                        std::to_string(hand.final[seat]));
      }
      std::size_t const holds = folded_[seat] ? 0 : hand.holes[seat].size();
      if (seen->zone(hand_of(seat)).at("count") != holds)
        table_.mismatch(hand_of(seat) + " holds another number of cards");
      if (viewer != seat || folded_[seat]) continue;
      auto const cards = faces_of(seen->pieces(hand_of(seat)));
      if (!std::ranges::equal(cards, hand.holes[seat])) table_.mismatch(hand_of(seat) + " holds" + list(cards));
    }
  }
}

asio::awaitable<void> PokerScript::gather_cards() {
  for (std::size_t seat = 0; seat < table_.seats(); ++seat) {
    if (!folded_[seat]) co_await muck(seat);
  }
  auto const *seen = co_await table_.look(table_.dealer());
  auto const mucked = seen->zone("muck").at("count");
  auto const peeked = co_await table_.act(table_.dealer(), "zone.peek", {{"zone", "muck"}, {"count", mucked}});
  Json moves = Json::array();
  for (auto const &known : peeked.at("data").at("known")) moves.push_back(move_of(known.at("id"), "deck"));
  seen = co_await table_.look(table_.dealer());
  for (auto const &piece : seen->pieces("board")) moves.push_back(move_of(piece.at("id"), "deck"));
  co_await table_.act(table_.dealer(), "piece.move", {{"moves", std::move(moves)}});
  co_await table_.act(table_.dealer(), "zone.shuffle", {{"zone", "deck"}});
  table_.entitlements().end_open(table_.next_seq());
}

}  // namespace tableforge::load
