#include "unit/table/random_game.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tableforge/codec/event_body.hpp"
#include "tableforge/codec/state_document.hpp"

#include "unit/table/seen.hpp"

namespace tableforge::table::test {
namespace {

/// Each piece lies in one place, and where its zone says.
void check_places(State const &state) {
  std::set<PieceId> placed;
  for (auto const &zone : state.zones) {
    for (auto const id : zone.order) {
      RC_ASSERT(placed.insert(id).second);
      auto const *piece = state.find_piece(id);
      RC_ASSERT(piece != nullptr);
      RC_ASSERT(piece->zone == zone.id);
    }
  }
  RC_ASSERT(placed.size() == state.pieces.size());
}

std::multiset<std::string> faces_of(State const &state) {
  std::multiset<std::string> faces;
  for (auto const &[id, piece] : state.pieces) faces.insert(piece.face);
  return faces;
}

/// What the operation itself says about which faces there are afterwards.
void expect_faces(std::multiset<std::string> &faces, State const &before, Operation const &operation) {
  if (auto const *created = std::get_if<PieceCreate>(&operation)) {
    for (auto const &each : created->pieces) faces.insert(each.face);
  } else if (auto const *removed = std::get_if<PieceRemove>(&operation)) {
    for (auto const id : removed->pieces) faces.erase(faces.find(before.pieces.at(id).face));
  } else if (auto const *updated = std::get_if<PieceUpdate>(&operation); updated != nullptr && updated->set.face) {
    faces.erase(faces.find(before.pieces.at(updated->piece).face));
    faces.insert(*updated->set.face);
  }
}

TEST(RandomGame, IsMostlyValidAndDoesEverything) {
  std::size_t asked = 0;
  std::size_t accepted = 0;
  std::set<std::string_view> seen;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    RandomGame random(2 + seed % 5, seed, Faces::changing);
    for (auto const &step : any_steps(200, seed)) {
      auto const event = random.game().act(random.action_of(step));
      ++asked;
      if (!event) continue;
      ++accepted;
      seen.insert(ev_word(event->change));
    }
  }

  EXPECT_GT(accepted * 2, asked) << accepted << " of " << asked;
  EXPECT_LT(accepted, asked);
  EXPECT_EQ(seen.size() + 1, std::variant_size_v<Change>) << "all but table.created";
}

RC_GTEST_PROP(RandomGame, ConservesThePieces, ()) {
  auto const script = *any_script(120);
  RandomGame random(script.seated, script.seed, Faces::changing);
  auto faces = faces_of(random.game().state());
  for (auto const &step : script.steps) {
    auto const before = random.game().state();
    auto const action = random.action_of(step);
    if (!random.game().act(action)) {
      RC_ASSERT(random.game().state() == before);
      continue;
    }
    expect_faces(faces, before, action.operation);
    RC_ASSERT(faces_of(random.game().state()) == faces);
    check_places(random.game().state());
  }
}

RC_GTEST_PROP(RandomGame, ConservesTheChips, ()) {
  auto const script = *any_script(120);
  RandomGame random(script.seated, script.seed, Faces::changing);
  auto const sum = [](State const &state) {
    std::int64_t total = 0;
    for (auto const &counter : state.counters) total += counter.value;
    return total;
  };
  for (auto const &step : script.steps) {
    auto const before = sum(random.game().state());
    auto const event = random.game().act(random.action_of(step));
    if (event && !std::holds_alternative<CounterChanged>(event->change)) {
      RC_ASSERT(sum(random.game().state()) == before);
    }
    for (auto const &counter : random.game().state().counters) RC_ASSERT(counter.value >= counter.min);
  }
}

RC_GTEST_PROP(RandomGame, ReplaysToTheSameState, ()) {
  auto const script = *any_script(120);
  RandomGame random(script.seated, script.seed, Faces::changing);
  for (auto const &step : script.steps) static_cast<void>(random.game().act(random.action_of(step)));
  auto const &state = random.game().state();

  auto const events = codec::decode_events(codec::encode_events(random.game().events()), 1);
  RC_ASSERT(events.has_value());
  State replayed;
  for (auto const &event : *events) apply(replayed, event);
  RC_ASSERT(replayed == state);

  auto const stored = codec::decode_state(codec::encode_state(state));
  RC_ASSERT(stored.has_value());
  RC_ASSERT(*stored == state);
}

RC_GTEST_PROP(RandomGame, ReplaysToTheSameFormsForEverybody, ()) {
  auto const script = *any_script(60);
  RandomGame random(script.seated, script.seed, Faces::changing);
  for (auto const &step : script.steps) static_cast<void>(random.game().act(random.action_of(step)));

  auto const events = codec::decode_events(codec::encode_events(random.game().events()), 1);
  RC_ASSERT(events.has_value());
  for (std::size_t i = 0; i < events->size(); ++i) {
    for (auto const viewer : random.viewers()) {
      RC_ASSERT(wire((*events)[i], viewer) == wire(random.game().events()[i], viewer));
    }
  }
}

RC_GTEST_PROP(RandomGame, NamesExactlyWhoseFormMayDiffer, ()) {
  auto const script = *any_script(120);
  RandomGame random(script.seated, script.seed, Faces::changing);
  for (auto const &step : script.steps) {
    auto const event = random.game().act(random.action_of(step));
    if (!event) continue;
    auto const named = named_players(*event);
    RC_ASSERT(std::ranges::is_sorted(named));
    RC_ASSERT(std::ranges::adjacent_find(named) == named.end());
    auto const common = wire(*event, kNobody);
    for (auto const viewer : random.viewers()) {
      if (viewer && std::ranges::binary_search(named, *viewer)) continue;
      RC_ASSERT(wire(*event, viewer) == common);
    }
  }
}

// Here pieces keep their faces, and every face there is stands on one piece: so a face tells which piece it is.
RC_GTEST_PROP(RandomGame, ChangesIdsWhereTrackingWouldLeakAndNowhereElse, ()) {
  auto const script = *any_script(120);
  RandomGame random(script.seated, script.seed, Faces::kept);
  std::set<PieceId> ever;
  for (auto const &[id, piece] : random.game().state().pieces) ever.insert(id);
  auto const id_of = [](State const &state) {
    std::map<std::string, PieceId> ids;
    for (auto const &[id, piece] : state.pieces) ids.emplace(piece.face, id);
    return ids;
  };
  for (auto const &step : script.steps) {
    auto const before = random.game().state();
    auto const action = random.action_of(step);
    if (!random.game().act(action)) continue;
    auto const &after = random.game().state();
    auto const *shuffled = std::get_if<ZoneShuffle>(&action.operation);
    auto const old_ids = id_of(before);
    for (auto const &[face, id] : id_of(after)) {
      auto const old = old_ids.find(face);
      if (old == old_ids.end()) {
        RC_ASSERT(ever.insert(id).second);
        continue;
      }
      auto const *was_in = before.find_zone(before.pieces.at(old->second).zone);
      auto const *is_in = after.find_zone(after.pieces.at(id).zone);
      bool const stayed = was_in->id == is_in->id;
      bool const in_the_open =
          was_in->visibility == Visibility::everybody && is_in->visibility == Visibility::everybody;
      bool const keeps = shuffled != nullptr && shuffled->zone == is_in->id ? false : stayed || in_the_open;
      RC_ASSERT((id == old->second) == keeps);
      if (!keeps) RC_ASSERT(ever.insert(id).second);
    }
  }
}

}  // namespace
}  // namespace tableforge::table::test
