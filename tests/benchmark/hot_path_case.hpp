#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "tableforge/table/action.hpp"
#include "tableforge/table/decide.hpp"
#include "tableforge/table/event.hpp"
#include "tableforge/table/project.hpp"

#include "unit/table/game.hpp"

/// What the hot path is measured with: a six-handed table of cards-52 (chess for the piece move) that has been in use,
/// with 64 remembered actions of each of two clients and a full chat, so that the figures are those of a table in play
/// and not of an empty one.
namespace tableforge::benchmarks {

/// One kind of action on a table where it can be taken over and over.
struct Case {
  table::State state;
  table::Action action;
  std::string frame;  ///< As the client sends it.
  table::Viewer viewer;
};

inline Case case_of(std::string_view kind) {
  using namespace table::test;
  bool const chess = kind == "move";
  Game game(chess ? "chess" : "cards-52");
  if (!chess) game.must(kGm, counter_set("chips:s1", 1'000'000));
  for (int i = 0; i < 64; ++i) {
    game.must(kAnn, say("a line of chat, of the usual length"));
    game.must(kBob, say("and an answer"));
  }
  Case made;
  std::string data;
  std::string op;
  if (chess) {
    auto const pawn = game.at("board", 12);
    made.action = game.action(kAnn, moves({to_place(pawn, "board", 4, 3)}));
    op = "piece.move";
    data = R"({"moves":[{"piece":")" + to_text(pawn) + R"(","to":{"zone":"board","x":4,"y":3}}]})";
  } else if (kind == "draw") {
    made.action = game.action(kAnn, draw("deck", "hand:s1", 1));
    op = "zone.draw";
    data = R"({"from":"deck","to":"hand:s1","count":1})";
  } else if (kind == "transfer") {
    made.action = game.action(kAnn, transfer("chips:s1", "pot", 40));
    op = "counter.transfer";
    data = R"({"from":"chips:s1","to":"pot","amount":40})";
  } else {
    made.action = game.action(kAnn, say("well played, I did not see that coming"));
    op = "chat.say";
    data = R"({"text":"well played, I did not see that coming"})";
  }
  made.frame = R"({"op":")" + op + R"(","id":"c-1234","data":)" + data + "}";
  made.viewer = kAnn;
  made.state = game.state();
  return made;
}

inline table::Event decided(Case const &made) {
  table::test::SeededChance chance(2);  // Not the one of the game: its ids are taken.
  auto event = table::decide(made.state, made.action, made.state.at, chance);
  if (!event) throw std::runtime_error(std::string(event.error().text));
  return std::move(*event);
}

}  // namespace tableforge::benchmarks
