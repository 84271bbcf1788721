#include "load/poker_hand.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "load/card.hpp"
#include "load/record_file.hpp"
#include "load/trouble.hpp"

namespace tableforge::load {

namespace {

constexpr std::size_t kSeatsMin = 2;
constexpr std::size_t kSeatsMax = 12;
constexpr double kAmountMax = 1e12;

Chips parse_chips(Json const &value) {
  auto const amount = value.get<double>();
  if (!(amount >= 0 && amount <= kAmountMax)) throw Trouble("an amount is negative or too large");
  double const scaled = amount * static_cast<double>(kChip);
  double const whole = std::round(scaled);
  if (std::abs(scaled - whole) > 1e-6) throw Trouble("an amount is finer than a hundredth of a chip");
  return static_cast<Chips>(whole);
}

std::string parse_face(Json const &value) {
  auto face = value.get<std::string>();
  if (!parse_card(face)) throw Trouble("\"" + face + "\" is not a card");
  return face;
}

std::vector<std::string> parse_faces(Json const &value) {
  std::vector<std::string> faces;
  for (auto const &each : value) faces.push_back(parse_face(each));
  return faces;
}

/// Reads the steps one after the other, and keeps the books that tell what they come to.
class StepReader {
 public:
  StepReader(PokerHand &hand, std::vector<std::string> players)
      : hand_(hand),
        players_(std::move(players)),
        street_(players_.size(), 0),
        put_(players_.size(), 0),
        folded_(players_.size(), false) {}

  void read(Json const &step) {
    if (step.contains("deal")) {
      PokerStep deal{.kind = PokerStep::Kind::deal, .seat = 0, .amount = 0, .cards = parse_faces(step.at("deal"))};
      if (deal.cards.empty()) throw Trouble("a deal of no cards");
      dealt_.insert(dealt_.end(), deal.cards.begin(), deal.cards.end());
      std::ranges::fill(street_, 0);
      hand_.steps.push_back(std::move(deal));
      return;
    }
    auto const seat = seat_of(step.at("by").get<std::string>());
    auto const word = step.at("do").get<std::string>();
    // Uncalled chips come back to whoever bet them; every other step is one of a player still in the hand.
    if (folded_[seat] && word != "take_back") throw Trouble(players_[seat] + " acts after folding");
    hand_.steps.push_back(read_act(step, seat, word));
  }

  void finish() {
    if (dealt_ != hand_.board) throw Trouble("the cards dealt are not the board");
    for (std::size_t seat = 0; seat < players_.size(); ++seat) {
      if (put_[seat] > hand_.stacks[seat]) throw Trouble(players_[seat] + " puts in more than the stack");
      hand_.final.push_back(hand_.stacks[seat] - put_[seat] + hand_.collected[seat]);
    }
    auto const total = [](std::vector<Chips> const &chips) { return std::reduce(chips.begin(), chips.end()); };
    if (total(put_) != total(hand_.collected)) throw Trouble("chips are not conserved");
  }

 private:
  PokerStep read_act(Json const &step, std::size_t seat, std::string const &word) {
    using Kind = PokerStep::Kind;
    if (word == "post" || word == "call" || word == "bet") return put(seat, parse_chips(step.at("amount")));
    if (word == "raise") return put(seat, parse_chips(step.at("to")) - street_[seat]);
    if (word == "take_back") {
      auto const amount = parse_chips(step.at("amount"));
      if (amount <= 0 || amount > put_[seat]) throw Trouble("more is taken back than was put in");
      put_[seat] -= amount;
      return {.kind = Kind::take_back, .seat = seat, .amount = amount, .cards = {}};
    }
    if (word == "fold") {
      folded_[seat] = true;
      return {.kind = Kind::fold, .seat = seat, .amount = 0, .cards = {}};
    }
    if (word == "check") return {.kind = Kind::check, .seat = seat, .amount = 0, .cards = {}};
    if (word == "show") {
      auto cards = parse_faces(step.at("cards"));
      auto const own = [&](std::string const &face) {
        return std::ranges::find(hand_.holes[seat], face) != hand_.holes[seat].end();
      };
      if (cards.empty() || !std::ranges::all_of(cards, own)) throw Trouble(players_[seat] + " shows other cards");
      return {.kind = Kind::show, .seat = seat, .amount = 0, .cards = std::move(cards)};
    }
    throw Trouble("unknown step \"" + word + "\"");
  }

  PokerStep put(std::size_t seat, Chips amount) {
    if (amount <= 0) throw Trouble(players_[seat] + " puts nothing in");
    street_[seat] += amount;
    put_[seat] += amount;
    return {.kind = PokerStep::Kind::put, .seat = seat, .amount = amount, .cards = {}};
  }

  std::size_t seat_of(std::string const &player) const {
    auto const at = std::ranges::find(players_, player);
    if (at == players_.end()) throw Trouble("no player \"" + player + "\" sits at this table");
    return static_cast<std::size_t>(at - players_.begin());
  }

  PokerHand &hand_;
  std::vector<std::string> players_;
  std::vector<Chips> street_;  // Put in since the last deal: a raise names the total of these.
  std::vector<Chips> put_;
  std::vector<bool> folded_;
  std::vector<std::string> dealt_;
};

void check_cards(PokerHand const &hand) {
  std::array<bool, kCards> seen{};
  auto const see = [&](std::string const &face) {
    if (std::exchange(seen[*parse_card(face)], true)) throw Trouble(face + " appears twice");
  };
  for (auto const &hole : hand.holes) std::ranges::for_each(hole, see);
  std::ranges::for_each(hand.board, see);
}

}  // namespace

PokerHand parse_poker_hand(Json const &value) {
  auto const players = value.at("players").get<std::vector<std::string>>();
  if (players.size() < kSeatsMin || players.size() > kSeatsMax) throw Trouble("a hand has 2 to 12 players");

  PokerHand hand;
  hand.name = value.at("id").dump();
  hand.board = parse_faces(value.at("board"));
  for (auto const &player : players) {
    hand.stacks.push_back(parse_chips(value.at("stacks").at(player)));
    auto const hole = parse_faces(value.at("holes").at(player));
    if (hole.size() != 2) throw Trouble(player + " does not hold two cards");
    hand.holes.push_back({hole[0], hole[1]});
    auto const &collected = value.at("collected");
    hand.collected.push_back(collected.contains(player) ? parse_chips(collected.at(player)) : 0);
  }
  check_cards(hand);
  StepReader reader(hand, players);
  for (auto const &step : value.at("steps")) reader.read(step);
  reader.finish();
  return hand;
}

std::expected<std::vector<PokerHand>, std::string> read_poker_hands(std::filesystem::path const &file) {
  return read_games(file, &parse_poker_hand);
}

}  // namespace tableforge::load
