#include <algorithm>
#include <utility>

#include <boost/container/small_vector.hpp>

#include "tableforge/base/check.hpp"
#include "tableforge/host/table_host.hpp"
#include "tableforge/knobs/gathering_window.hpp"
#include "tableforge/table/project.hpp"

/// The end of a table's turn: what was said in it goes to the members' sockets, and presence joins it.
namespace tableforge::host {

namespace {

std::uint8_t kinds_of(protocol::Presence const &presence) {
  return static_cast<std::uint8_t>((presence.cursor ? 1 : 0) | (presence.drag ? 2 : 0) | (presence.typing ? 4 : 0));
}

}  // namespace

void TableHost::say(std::string_view message, std::span<MemberId const> but) {
  turn_.say(message, but);
  context_.shard.mark_dirty(*this);
}

void TableHost::speak(std::string_view message, std::span<MemberId const> only) {
  turn_.tell(message, only);
  context_.shard.mark_dirty(*this);
}

void TableHost::tell(Member &member, std::string_view message) {
  if (member.joined) {
    speak(message, std::span(&member.id, 1));
    if (turn_.bytes() > kTurnBytesMax) hand_over_all();
    return;
  }
  // The log is for those who listen.
  std::string frame;
  context_.framer(frame, message);
  offer(member, Frame::of(std::move(frame)), nullptr);
  member.subscriber->outbox_filled();
}

void TableHost::presence(Subscriber &subscriber, protocol::Presence const &presence) {
  TF_CHECK(context_.shard.on_this_thread());
  auto const *sender = find(subscriber);
  if (sender == nullptr || !sender->joined) return;
  keep_shown(sender->id, sender->player, presence);
}

void TableHost::keep_shown(MemberId member, PlayerId player, protocol::Presence const &presence) {
  PresenceKey const key{.player = player,
                        .kinds = kinds_of(presence),
                        .piece = presence.drag ? std::optional(presence.drag->piece) : std::nullopt};
  auto const older =
      std::ranges::find_if(shown_, [&](Shown const &shown) { return shown.member == member && shown.key == key; });
  if (older != shown_.end()) {
    context_.metrics.presence_coalesced.add();
    older->presence = presence;
  } else {
    shown_.push_back({.member = member, .key = key, .presence = presence});
  }
  context_.shard.mark_dirty(*this);
}

void TableHost::show_presences() {
  for (auto const &shown : shown_) show(shown);
  if (shown_.capacity() > kShownKept) {
    std::vector<Shown>().swap(shown_);
  } else {
    shown_.clear();
  }
}

void TableHost::show(Shown const &shown) {
  auto const player = shown.key.player;
  auto const role = committed_.role_of(player);
  if (!role) return;  // Gone since.
  if (shown.member != 0 && line_ && line_->shared()) line_->showed(player, shown.presence);
  bool const takes_part = committed_.seated(player) || role == table::Role::gm || role == table::Role::owner;
  protocol::Presence without{.cursor = shown.presence.cursor, .drag = {}, .typing = {}};
  if (takes_part) without.typing = shown.presence.typing;
  table::Zone const *dragged_from = nullptr;
  if (takes_part && shown.presence.drag) {
    auto const *piece = committed_.find_piece(shown.presence.drag->piece);
    auto const *zone = piece == nullptr ? nullptr : committed_.find_zone(piece->zone);
    if (zone != nullptr && table::sees_whole(committed_, *zone, player)) dragged_from = zone;
  }
  auto with = without;
  if (dragged_from != nullptr) with.drag = shown.presence.drag;
  // Two forms at most: with the dragged piece for those who see it, and without.
  std::vector<MemberId> blind;
  if (dragged_from != nullptr && dragged_from->visibility != table::Visibility::everybody) {
    for (auto const &[id, member] : members_) {
      if (!table::sees_whole(committed_, *dragged_from, member.player)) blind.push_back(id);
    }
  }
  auto const encoded = [&](protocol::Presence const &form) -> std::string_view {
    message_.clear();
    protocol::append_presence(message_, player, form);
    return message_;
  };
  auto const key_of = [&](protocol::Presence const &form) {
    return PresenceKey{.player = player, .kinds = kinds_of(form), .piece = form.drag ? shown.key.piece : std::nullopt};
  };
  if (!blind.empty() && kinds_of(without) != 0) turn_.show_to(encoded(without), key_of(without), blind);
  if (shown.member != 0) blind.push_back(shown.member);
  if (kinds_of(with) != 0) turn_.show(encoded(with), key_of(with), blind);
}

void TableHost::flush() {
  bool const shows = !shown_.empty();
  show_presences();
  if (!turn_.empty() && !hold_back(shows)) hand_over_all();
}

/// If all there is to say is presence, and some has just left, it waits for what comes until the window is over. On a
/// quiet table nothing waits. False if it is to leave now.
bool TableHost::hold_back(bool shows) {
  if (!turn_.only_presence() || turn_.bytes() > kHeldBytesMax) return false;
  auto const now = Clock::now();
  if (shows) pace_.showed(now, context_.metrics.presence_rate);
  if (now >= window_end_) {
    if (held_since_ != Clock::time_point()) context_.metrics.presence_wait.record(now - held_since_);
    window_end_ = now + gathering_window(pace_.rate(), gathering_rule(context_.knobs));
    return false;
  }
  context_.metrics.presence_held.add();
  if (held_since_ == Clock::time_point()) held_since_ = now;
  if (!std::exchange(holding_, true)) context_.presence_window.hold(weak_from_this(), window_end_);
  return true;
}

void TableHost::window_over() {
  holding_ = false;
  if (!turn_.empty()) context_.shard.mark_dirty(*this);
}

void TableHost::hand_over_all() {
  for (auto &[id, member] : members_) {
    if (member.joined) hand_over(member);
  }
  turn_.clear();
  held_since_ = {};
}

void TableHost::hand_over(Member &member) {
  boost::container::small_vector<Frame, 8> pieces;
  turn_.each_piece(member.id, member.from, false,
                   [&](Frame const &piece, PresenceKey const *) { pieces.push_back(piece); });
  if (pieces.empty() || !member.subscriber->deliver(pieces)) hand_to_outbox(member);
  member.from = 0;
}

void TableHost::hand_to_outbox(Member &member) {
  if (!member.joined) return;
  bool any = false;
  turn_.each_piece(member.id, member.from, true, [&](Frame const &piece, PresenceKey const *key) {
    any = true;
    offer(member, piece, key);
  });
  member.from = turn_.mark();
  if (any) member.subscriber->outbox_filled();
}

void TableHost::offer(Member &member, Frame const &frame, PresenceKey const *key) {
  auto &outbox = member.subscriber->outbox();
  auto const offered = key == nullptr ? outbox.offer(frame) : outbox.offer_presence(*key, frame);
  if (offered == Outbox::Offered::overflowed && member.slow_since == Member::kNotSlow) {
    member.slow_since = Clock::now();
    context_.metrics.resyncs.add();
  }
}

void TableHost::drained(Subscriber &subscriber) {
  auto *member = find(subscriber);
  if (member == nullptr || !member->subscriber->outbox().overflowed()) return;
  member->subscriber->outbox().recover();
  member->slow_since = Member::kNotSlow;
  member->from = turn_.mark();  // What was said before is in the state.
  deliver_resync(*member);
}

void TableHost::catch_up(Subscriber &subscriber) {
  if (auto *member = find(subscriber)) hand_to_outbox(*member);
}

void TableHost::close(Member &member, protocol::CloseReason reason,
                      std::optional<std::chrono::milliseconds> retry_after) {
  hand_to_outbox(member);
  member.subscriber->close(reason, retry_after);
}

}  // namespace tableforge::host
