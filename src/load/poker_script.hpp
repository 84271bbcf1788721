#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "load/live_table.hpp"
#include "load/poker_hand.hpp"

namespace tableforge::load {

/// Plays recorded hands of poker at a table of the system `cards-52`, one after the other, each ending as it began:
/// all cards in the deck, nothing in the pot.
///
/// Chips are counted in hundredths, so that split pots are whole numbers. The dealer looks through the deck and moves
/// the recorded cards out of it by id.
///
/// Threads: the table's.
/// Errors:  Trouble, when a hand cannot go on; what merely came out wrong is a mismatch.
class PokerScript {
 public:
  explicit PokerScript(LiveTable &table) : table_(table) {}

  /// The hand must outlive the call.
  [[nodiscard]] boost::asio::awaitable<void> play(PokerHand const &hand);

 private:
  boost::asio::awaitable<void> set_chips(PokerHand const &hand);
  boost::asio::awaitable<void> look_through_deck();
  boost::asio::awaitable<void> deal_holes(PokerHand const &hand);
  boost::asio::awaitable<void> table_talk();
  boost::asio::awaitable<void> play_step(PokerHand const &hand, std::size_t at);
  boost::asio::awaitable<void> deal_board(std::vector<std::string> faces, std::size_t to_act);
  boost::asio::awaitable<void> muck(std::size_t seat);
  boost::asio::awaitable<void> show(std::size_t seat, std::vector<std::string> faces);
  boost::asio::awaitable<void> transfer(std::size_t viewer, std::string from, std::string to, Chips amount);
  boost::asio::awaitable<void> check_end(PokerHand const &hand);
  boost::asio::awaitable<void> gather_cards();

  [[nodiscard]] std::string hand_of(std::size_t seat) const { return "hand:" + table_.seat(seat); }
  [[nodiscard]] std::string chips_of(std::size_t seat) const { return "chips:" + table_.seat(seat); }

  LiveTable &table_;
  std::map<std::string, std::string> deck_;  // Ids by face, as the dealer saw them.
  std::vector<bool> folded_;
};

}  // namespace tableforge::load
