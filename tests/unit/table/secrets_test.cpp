#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "unit/table/random_game.hpp"
#include "unit/table/seen.hpp"

/// Nobody is told what they may not know, judged by an oracle that shares nothing with the projection: it reads the
/// published rules off the true state and looks for faces and ids in the bytes.
namespace tableforge::table::test {
namespace {

/// What somebody may be told.
struct Knowledge {
  std::set<std::string> faces;
  std::set<std::string> ids;

  void learn(State const &state, PieceId id, bool face) {
    ids.insert(to_text(id));
    if (face) faces.insert(state.pieces.at(id).face);
  }
};

bool sits_at(State const &state, Viewer viewer, std::optional<SeatId> const &seat) {
  if (!viewer || !seat) return false;
  return std::ranges::any_of(state.seats, [&](Seat const &each) { return each.id == *seat && each.player == viewer; });
}

/// What lies open to the viewer: public zones, and the hands of seats the viewer sits at.
void look_around(Knowledge &knowledge, State const &state, Viewer viewer) {
  for (auto const &zone : state.zones) {
    bool const open = zone.visibility == Visibility::everybody;
    bool const own = zone.visibility == Visibility::owner && sits_at(state, viewer, zone.seat);
    if (!open && !own) continue;
    for (auto const id : zone.order) knowledge.learn(state, id, own || state.pieces.at(id).side == Side::front);
  }
}

/// What the action itself shows the viewer: a peek of one's own, a reveal meant for one.
void be_shown(Knowledge &knowledge, State const &state, Action const &action, Viewer viewer) {
  if (auto const *peeked = std::get_if<ZonePeek>(&action.operation); peeked != nullptr && viewer == action.by) {
    auto const &order = state.find_zone(peeked->zone)->order;
    for (std::size_t i = 0; i < order.size() && i < static_cast<std::size_t>(peeked->count); ++i) {
      knowledge.learn(state, order[i], true);
    }
  }
  if (auto const *revealed = std::get_if<ZoneReveal>(&action.operation)) {
    bool const meant =
        revealed->to.all || viewer == action.by || (viewer && std::ranges::count(revealed->to.players, *viewer) > 0);
    if (!meant) return;
    for (auto const id : revealed->zone ? state.find_zone(*revealed->zone)->order : *revealed->pieces) {
      knowledge.learn(state, id, true);
    }
  }
}

/// Every text in a JSON text, names of fields among them.
std::vector<std::string> texts_of(std::string_view json) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (json[i] != '"') continue;
    std::string text;
    for (++i; json[i] != '"'; ++i) {
      if (json[i] == '\\') text += json[i++];
      text += json[i];
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

bool looks_like_a_piece_id(std::string const &text) {
  return text.size() == 16 &&
         std::ranges::all_of(text, [](char c) { return std::isxdigit(static_cast<unsigned char>(c)); });
}

/// The faces of this game: those of the cards, and N1, N2 … of pieces that came later.
bool looks_like_a_face(std::string const &text) {
  static std::string_view const kRanks = "23456789TJQKA";
  static std::string_view const kSuits = "cdhs";
  if (text.size() == 2 && kRanks.contains(text[0]) && kSuits.contains(text[1])) return true;
  return text.size() >= 2 && text[0] == 'N' && std::isdigit(static_cast<unsigned char>(text[1]));
}

/// The first thing in the bytes that is not for this viewer.
std::optional<std::string> leak(std::string const &bytes, Knowledge const &knowledge) {
  for (auto const &text : texts_of(bytes)) {
    if (looks_like_a_piece_id(text) && !knowledge.ids.contains(text)) return "id " + text;
    if (looks_like_a_face(text) && !knowledge.faces.contains(text)) return "face " + text;
  }
  return std::nullopt;
}

RC_GTEST_PROP(Secrets, StayHome, ()) {
  auto const script = *any_script(120);
  RandomGame random(script.seated, script.seed, Faces::changing);
  for (auto const &step : script.steps) {
    auto const before = random.game().state();
    auto const action = random.action_of(step);
    auto const event = random.game().act(action);
    if (!event) continue;
    auto const &after = random.game().state();
    for (auto const viewer : random.viewers()) {
      Knowledge of_state;
      look_around(of_state, after, viewer);
      auto const in_state = leak(wire(after, viewer), of_state);
      if (in_state) RC_FAIL("the state tells " + *in_state);

      auto of_event = of_state;
      look_around(of_event, before, viewer);
      be_shown(of_event, before, action, viewer);
      auto const in_event = leak(wire(*event, viewer), of_event);
      if (in_event) RC_FAIL("the event tells " + *in_event + ": " + wire(*event, viewer));
    }
  }
}

// The other way round, so that saying nothing at all would not pass.
RC_GTEST_PROP(Secrets, AreToldToWhomTheyBelong, ()) {
  auto const script = *any_script(60);
  RandomGame random(script.seated, script.seed, Faces::changing);
  for (auto const &step : script.steps) {
    auto const before = random.game().state();
    auto const action = random.action_of(step);
    auto const event = random.game().act(action);
    for (auto const viewer : random.viewers()) {
      Knowledge visible;
      look_around(visible, random.game().state(), viewer);
      auto const texts = texts_of(wire(random.game().state(), viewer));
      std::set<std::string> const told(texts.begin(), texts.end());
      RC_ASSERT(std::ranges::includes(told, visible.ids));
      RC_ASSERT(std::ranges::includes(told, visible.faces));
      if (!event) continue;

      Knowledge shown;
      be_shown(shown, before, action, viewer);
      auto const in_event = texts_of(wire(*event, viewer));
      std::set<std::string> const told_now(in_event.begin(), in_event.end());
      RC_ASSERT(std::ranges::includes(told_now, shown.ids));
      RC_ASSERT(std::ranges::includes(told_now, shown.faces));
    }
  }
}

TEST(Secrets, TheOracleFindsALeak) {
  Game game("cards-52");
  game.must(kAnn, draw("deck"));
  Knowledge bobs;
  look_around(bobs, game.state(), kBob);

  EXPECT_EQ(leak(wire(game.state(), kBob), bobs), std::nullopt);
  EXPECT_NE(leak(wire(game.state(), kAnn), bobs), std::nullopt);
  EXPECT_NE(leak(wire(game.events().back(), kAnn), bobs), std::nullopt);
}

}  // namespace
}  // namespace tableforge::table::test
