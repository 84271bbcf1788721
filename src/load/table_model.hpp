#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tableforge/base/ids.hpp"

#include "load/json.hpp"

namespace tableforge::load {

/// The table as one viewer knows it, built from nothing but what that viewer received.
///
/// It is kept in the wire's own form, so it can be compared with what the server says the viewer sees. It knows what
/// the protocol promises and no more: an event that contradicts what came before is refused.
///
/// Threads: one.
/// Errors:  Trouble from apply(), and nlohmann's exceptions for an event of another shape than promised; the
///          model is then of no use until load().
class TableModel {
 public:
  /// `player` is whose eyes these are.
  explicit TableModel(std::string player);

  /// Starts anew from a state of the server's.
  void load(Json state, Seq seq);
  /// Takes in the next event.
  void apply(Json const &event);
  void note_online(std::string const &player, bool online);
  /// Until the next load(), nothing can be said: events were missed, or a seat was gained whose cards are to be told.
  void doubt() { doubtful_ = true; }

  [[nodiscard]] Seq seq() const { return seq_; }
  [[nodiscard]] bool known() const { return !state_.is_null() && !doubtful_; }
  [[nodiscard]] Json const &state() const { return state_; }
  /// The pieces of a zone that this viewer sees whole. Throws Trouble for any other.
  [[nodiscard]] Json const &pieces(std::string_view zone) const;
  [[nodiscard]] Json const &zone(std::string_view zone) const;
  [[nodiscard]] std::int64_t counter(std::string_view counter) const;

  /// Ids that the last events took away from this viewer for good.
  std::vector<std::string> take_retired() { return std::exchange(retired_, {}); }

  /// The first difference to a state that the server shows this viewer at the same seq, in words; nothing if there is
  /// none. Who is online is no part of a state's seq and not compared, nor is what the model cannot know: the
  /// common back of hidden pieces, and chat lines that are older than the server keeps.
  [[nodiscard]] std::optional<std::string> difference(Json const &shown) const;
  /// What is wrong with the state in itself: a piece in two places, a count that does not fit, a counter below its
  /// minimum.
  [[nodiscard]] std::optional<std::string> contradiction() const;

 private:
  Json &zone_of(std::string_view id);
  void touch(Json &zone, Seq seq) const;
  void move_pieces(Json const &data);
  void move_named(Json const &move);
  void move_counted(std::string const &from, std::string const &to, std::int64_t count);
  Json take_out(Json &zone, std::string const &piece, std::size_t *index = nullptr);
  void put_in(Json &zone, Json piece, std::optional<std::size_t> index);
  void add_count(Json &zone, std::int64_t delta);
  void create_pieces(Json const &data);
  void turn_pieces(Json const &data);
  void update_piece(Json const &data);
  void remove_pieces(Json const &data);
  void shuffle_zone(Json const &data);
  void note_known(Json const &data);
  void join(Json const &data);
  void seat_player(std::string const &seat, Json const &player);
  void grant_role(Json const &data);
  void configure(Json const &data);
  void change_counters(Json const &data);
  void retire(std::string piece) { retired_.push_back(std::move(piece)); }

  std::string player_;
  Json state_;
  Seq seq_ = 0;
  bool doubtful_ = false;
  std::vector<std::string> retired_;
  std::map<std::string, std::vector<std::string>, std::less<>> peeked_;  // Ids known from peeks into counted zones.
};

}  // namespace tableforge::load
