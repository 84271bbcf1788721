#include <algorithm>

#include "tableforge/base/check.hpp"
#include "tableforge/codec/event_body.hpp"
#include "tableforge/host/table_host.hpp"
#include "tableforge/log/log.hpp"
#include "tableforge/table/project.hpp"

/// How what is committed leaves a table: events to everybody, verdicts to those who asked, states to who needs one.
namespace tableforge::host {

namespace {

/// Whose view of whole zones an event may change: who lost or gained a seat.
std::vector<PlayerId> reseated(table::Event const &event) {
  std::vector<PlayerId> players;
  if (auto const *taken = std::get_if<table::SeatTaken>(&event.change)) players.push_back(taken->player);
  if (auto const *left = std::get_if<table::SeatLeft>(&event.change)) players.push_back(left->player);
  if (auto const *assigned = std::get_if<table::SeatAssigned>(&event.change)) {
    if (assigned->player != assigned->before) {
      if (assigned->player) players.push_back(*assigned->player);
      if (assigned->before) players.push_back(*assigned->before);
    }
  }
  if (auto const *granted = std::get_if<table::RoleGranted>(&event.change)) {
    if (!granted->vacated.empty()) players.push_back(granted->player);
  }
  return players;
}

bool has_private_zones(table::State const &state) {
  return std::ranges::any_of(state.zones,
                             [](table::Zone const &zone) { return zone.visibility == table::Visibility::owner; });
}

}  // namespace

void TableHost::refuse(Member &member, ActionId const &id, protocol::ErrorCode code, std::string_view message,
                       protocol::ErrorDetails const &details) {
  message_.clear();
  protocol::append_error(message_, id, code, message, details);
  tell(member, message_);
}

std::string_view TableHost::event_message(table::Event const &event, std::optional<PlayerId> viewer) {
  message_.clear();
  protocol::append_event(message_, table::project(event, viewer));
  return message_;
}

void TableHost::advance(table::Event event) {
  table::apply(committed_, event);
  broadcast(event);
  resync_after(event);
  if (auto const *joined = std::get_if<table::PlayerJoined>(&event.change)) {
    // Elsewhere, and nobody was told as long as they were a stranger.
    auto const player = joined->player.id;
    if (line_ && line_->online_elsewhere(player) && !connected_here(player)) announce(player, true);
  }
  if (auto const *configured = std::get_if<table::TableConfigured>(&event.change)) {
    if (configured->name) context_.renamed(committed_.id, *configured->name);
  }
  recent_.push_back(std::move(event));
  while (recent_.size() > context_.knobs.replay_events_max.get()) recent_.pop_front();
}

void TableHost::broadcast(table::Event const &event) {
  if (members_.empty()) return;
  auto const named = table::named_players(event);
  std::vector<MemberId> apart;  // Those who have a form of their own.
  for (auto const player : named) {
    auto const first = apart.size();
    for (auto const &[id, member] : members_) {
      if (member.player == player) apart.push_back(id);
    }
    auto const theirs = std::span(apart).subspan(first);
    if (!theirs.empty()) speak(event_message(event, player), theirs);
  }
  if (apart.size() < members_.size()) say(event_message(event, std::nullopt), apart);
}

void TableHost::resync_after(table::Event const &event) {
  auto const players = reseated(event);
  if (players.empty() || !has_private_zones(committed_)) return;
  for (auto &[id, member] : members_) {
    if (member.joined && std::ranges::find(players, member.player) != players.end()) deliver_resync(member);
  }
}

void TableHost::deliver_resync(Member &member) {
  message_.clear();
  protocol::append_resync(message_, committed_.seq,
                          table::project(committed_, member.player, [&](PlayerId player) { return online(player); }));
  tell(member, message_);
}

void TableHost::release_settled() {
  while (!waiting_.empty() && waiting_.front().verdict != Waiting::Verdict::open &&
         waiting_.front().judged <= committed_.seq) {
    // Taken out first: what is released may bring in new actions.
    auto waiting = std::move(waiting_.front());
    waiting_.pop_front();
    context_.metrics.actions_pending.add(-1);
    release(waiting);
  }
}

void TableHost::release(Waiting &waiting) {
  using Verdict = Waiting::Verdict;
  using metrics::ActionOutcome;
  auto const op = waiting.action.operation.index();
  bool const refused = waiting.verdict == Verdict::rejected || waiting.verdict == Verdict::refused;
  context_.metrics.actions
      .at(op, waiting.verdict == Verdict::event    ? ActionOutcome::accepted
              : waiting.verdict == Verdict::repeat ? ActionOutcome::repeated
                                                   : ActionOutcome::rejected)
      .add();
  context_.metrics.release.record(Clock::now() - waiting.received);
  if (waiting.done) {
    // A refused join is no failure of who is at the table already, with that role or a better one.
    auto const role = committed_.role_of(waiting.action.by);
    auto const wanted = std::get<table::PlayerJoin>(waiting.action.operation).role;
    bool const is_in = role && *role >= wanted;
    waiting.done(is_in ? Result<void>() : fail(Errc::conflict, "the table takes no more players"));
  }
  auto *member = find(waiting.member);
  if (member == nullptr) return;
  if (waiting.welcomes) {
    if (committed_.role_of(member->player)) return welcome(*member, waiting.resume);
    refuse(*member, {}, protocol::code_of(waiting.rejection.why), waiting.rejection.text);
    close(*member, protocol::CloseReason::overloaded, std::chrono::milliseconds(5'000));
    return;
  }
  --member->unacknowledged;
  if (refused) {
    refuse(*member, waiting.action.id, protocol::code_of(waiting.rejection.why), waiting.rejection.text);
  } else if (waiting.verdict == Verdict::repeat) {
    repeat(*member, waiting.repeated);
  }
}

void TableHost::repeat(Member &member, Seq seq) {
  if (!recent_.empty() && recent_.front().seq <= seq) {
    tell(member, event_message(recent_[seq - recent_.front().seq], member.player));
    return;
  }
  runtime::spawn(context_.scope, "repeat an old event", repeat_from_journal(member.id, seq));
}

runtime::asio::awaitable<void> TableHost::repeat_from_journal(MemberId id, Seq seq) {
  constexpr std::chrono::seconds kReadLimit{10};
  auto const self = shared_from_this();
  auto const read = [&journal = context_.journal, table = committed_.id, seq]() -> Result<std::vector<table::Event>> {
    auto rows = journal.rows_holding(table, seq, seq);
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty()) return fail(Errc::not_found, "an event that was acknowledged cannot be found");
    return codec::decode_events(rows->front().body, rows->front().first_seq);
  };
  auto const events = co_await context_.pool.run(read, kReadLimit);
  auto *member = find(id);
  if (member == nullptr) co_return;
  if (!events) {
    // The action is safe; only its acknowledgement is late. A snapshot answers every open question of the client.
    log::warn("an old event could not be told again; the client is resynced",
              {{"table", committed_.id}, {"seq", seq}, {"error", events.error()}});
    deliver_resync(*member);
    co_return;
  }
  auto const found = std::ranges::find_if(*events, [&](table::Event const &event) { return event.seq == seq; });
  if (found != events->end()) tell(*member, event_message(*found, member->player));
}

void TableHost::welcome(Member &member, std::optional<Seq> resume) {
  bool const was_here = connected_here(member.player);
  bool const was_online = online(member.player);
  member.joined = true;
  protocol::You you{.player = member.player, .seats = {}, .role = committed_.role_of(member.player).value()};
  for (auto const &seat : committed_.seats) {
    if (seat.player == member.player) you.seats.push_back(seat.id.value);
  }
  auto const oldest = recent_.empty() ? committed_.seq + 1 : recent_.front().seq;
  bool const replays = resume && *resume <= committed_.seq && *resume + 1 >= oldest;
  // What was said earlier in this turn is in the state or among the recent events.
  member.from = turn_.mark();
  message_.clear();
  if (replays) {
    context_.metrics.resumes.at(metrics::ResumeMode::replay).add();
    protocol::append_welcome(message_, committed_.id, you, committed_.seq, nullptr);
    tell(member, message_);
    for (auto const &event : recent_) {
      if (event.seq > *resume) tell(member, event_message(event, member.player));
    }
  } else {
    context_.metrics.resumes.at(metrics::ResumeMode::snapshot).add();
    auto const state = table::project(committed_, member.player, [&](PlayerId player) { return online(player); });
    protocol::append_welcome(message_, committed_.id, you, committed_.seq, &state);
    tell(member, message_);
  }
  if (!was_here && line_) line_->came(member.player);
  if (!was_online) announce(member.player, true);
}

}  // namespace tableforge::host
