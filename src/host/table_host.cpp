#include "tableforge/host/table_host.hpp"

#include <algorithm>
#include <random>

#include "tableforge/base/check.hpp"
#include "tableforge/codec/event_body.hpp"
#include "tableforge/codec/state_document.hpp"
#include "tableforge/log/log.hpp"
#include "tableforge/table/project.hpp"

namespace tableforge::host {

TableHost::TableHost(HostContext const &context, LoadedTable loaded)
    : context_(context),
      committed_(std::move(loaded.state)),
      recent_(std::make_move_iterator(loaded.recent.begin()), std::make_move_iterator(loaded.recent.end())),
      turn_(context.turn_memory, context.framer),
      message_(context.turn_memory.scratch()),
      snapshot_seq_(loaded.snapshot_seq),
      left_at_(Clock::now()) {
  context_.metrics.tables_open.add(1);
}

TableHost::~TableHost() {
  context_.metrics.tables_open.add(-1);
  context_.metrics.actions_pending.add(-static_cast<std::int64_t>(waiting_.size()));
}

TableHost::Member *TableHost::find(Subscriber const &subscriber) {
  auto const found =
      std::ranges::find_if(members_, [&](auto const &each) { return each.second.subscriber == &subscriber; });
  return found == members_.end() ? nullptr : &found->second;
}

TableHost::Member *TableHost::find(MemberId id) {
  auto const found = members_.find(id);
  return found == members_.end() ? nullptr : &found->second;
}

bool TableHost::online(PlayerId player) const {
  return connected_here(player) || (line_ && line_->online_elsewhere(player));
}

bool TableHost::connected_here(PlayerId player) const {
  return std::ranges::any_of(members_,
                             [&](auto const &each) { return each.second.joined && each.second.player == player; });
}

void TableHost::join(Subscriber &subscriber, PlayerId player, std::string const &name, ClientId const &client,
                     std::optional<Seq> resume) {
  TF_CHECK(context_.shard.on_this_thread());
  TF_CHECK(find(subscriber) == nullptr);
  auto const id = next_member_++;
  auto &member = members_[id];
  member = {.id = id, .subscriber = &subscriber, .player = player, .client = client};
  if (closing_) {
    subscriber.close(protocol::CloseReason::restarting, std::chrono::milliseconds(1'000));
    return;
  }
  replace_older(member);
  if (is_news_to_us(member, resume)) {
    runtime::spawn(context_.scope, "look before somebody joins", join_after_looking(id, name, resume));
  } else {
    arrive(member, name, resume);
  }
}

/// Whether another instance may have committed what this one has not heard of: what the newcomer has seen already, or
/// that they belong here.
bool TableHost::is_news_to_us(Member const &member, std::optional<Seq> resume) const {
  if (resume && *resume > committed_.seq) return true;
  return committed_.listing != table::Listing::open && !committed_.role_of(member.player);
}

runtime::asio::awaitable<void> TableHost::join_after_looking(MemberId id, std::string name, std::optional<Seq> resume) {
  constexpr std::chrono::seconds kSettleLimit{2};
  constexpr std::chrono::milliseconds kRound{5};
  auto const self = shared_from_this();
  auto rows = co_await read_newer();
  bool const known = rows.has_value();
  Seq const newest = known && !rows->empty() ? rows->back().first_seq : Seq{0};
  if (known) take_in(std::move(*rows), metrics::RowSource::look);
  // What is with the journal here is lost to those rows, if there are any; and if they could not be read, reads them.
  auto const under_way = [&] { return reloading_ || !heard_.empty() || (!known && !settled()); };
  auto const deadline = Clock::now() + kSettleLimit;
  auto *member = find(id);
  while (member != nullptr && under_way() && is_news_to_us(*member, resume) && Clock::now() < deadline) {
    co_await runtime::sleep_for(kRound);
    member = find(id);
  }
  if (member == nullptr || closing_) co_return;
  // Read and not taken in: an append that the database does not answer keeps us where we are.
  bool const is_up_to_date = known && newest <= committed_.seq;
  if (!is_up_to_date && is_news_to_us(*member, resume)) {
    log::warn("who joins may know more than could be read; they are asked to come back",
              {{"table", committed_.id},
               {"seq", committed_.seq},
               {"reason", known ? std::string_view("an append is under way") : rows.error().text}});
    close(*member, protocol::CloseReason::overloaded, std::chrono::milliseconds(1'000));
    co_return;
  }
  arrive(*member, name, resume);
}

void TableHost::arrive(Member &member, std::string const &name, std::optional<Seq> resume) {
  if (committed_.role_of(member.player)) {
    welcome(member, resume);
    return;
  }
  if (committed_.listing != table::Listing::open) {
    refuse(member, {}, protocol::ErrorCode::forbidden, "this table is reached by invitation only");
    close(member, protocol::CloseReason::unauthorized, std::nullopt);
    return;
  }
  enqueue({.action = {.by = member.player,
                      .client = {},
                      .id = {},
                      .precondition = {},
                      .operation = table::PlayerJoin{.name = name, .role = table::Role::player}},
           .member = member.id,
           .received = Clock::now(),
           .resume = resume,
           .welcomes = true});
}

void TableHost::leave(Subscriber &subscriber) {
  TF_CHECK(context_.shard.on_this_thread());
  auto const *member = find(subscriber);
  if (member == nullptr) return;
  auto const player = member->player;
  bool const was_joined = member->joined;
  members_.erase(member->id);
  if (members_.empty()) left_at_ = Clock::now();
  if (!was_joined || connected_here(player)) return;
  if (line_) line_->left(player);
  if (!online(player)) announce(player, false);
}

void TableHost::replace_older(Member const &newer) {
  auto const older = std::ranges::find_if(members_, [&](auto const &each) {
    auto const &member = each.second;
    return member.id != newer.id && member.player == newer.player && member.client == newer.client;
  });
  if (older == members_.end()) return;
  auto *subscriber = older->second.subscriber;
  hand_to_outbox(older->second);
  members_.erase(older);
  subscriber->close(protocol::CloseReason::replaced, std::nullopt);
}

void TableHost::announce(PlayerId player, bool is_online) {
  std::vector<MemberId> themselves;
  for (auto const &[id, member] : members_) {
    if (member.player == player) themselves.push_back(id);
  }
  message_.clear();
  protocol::append_online(message_, player, is_online);
  say(message_, themselves);
}

void TableHost::submit(Subscriber &subscriber, protocol::Request request, Clock::time_point received) {
  TF_CHECK(context_.shard.on_this_thread());
  auto *member = find(subscriber);
  if (member == nullptr) return;
  auto const op = request.operation.index();
  if (!member->joined) {
    refuse(*member, request.id, protocol::ErrorCode::bad_request, "wait for the welcome before acting");
    return;
  }
  table::Action action{.by = member->player,
                       .client = member->client,
                       .id = std::move(request.id),
                       .precondition = std::move(request.precondition),
                       .operation = std::move(request.operation)};
  // A repeat adds no work to commit, so the bounds do not hold it back: it may be all that its client waits for.
  bool const repeats = latest().find_remembered(action.by, action.client, action.id) != nullptr;
  if (!repeats && member->unacknowledged >= kUnacknowledgedMax) {
    context_.metrics.actions.at(op, metrics::ActionOutcome::refused).add();
    refuse(*member, action.id, protocol::ErrorCode::rate_limited, "too many actions wait for their acknowledgement",
           {.path = {}, .limit = static_cast<std::int64_t>(kUnacknowledgedMax), .retry_after_ms = 100});
    return;
  }
  if (waiting_.size() >= context_.knobs.table_pending_actions_max.get() || closing_) {
    context_.metrics.actions.at(op, metrics::ActionOutcome::refused).add();
    bool const away = !context_.journal.available();
    refuse(*member, action.id, away ? protocol::ErrorCode::storage_unavailable : protocol::ErrorCode::overloaded,
           away ? "the table is frozen until its storage is back; nothing is lost" : "the table is busy: try again",
           {.path = {}, .limit = {}, .retry_after_ms = 1'000});
    return;
  }
  acted_at_ = received;
  ++member->unacknowledged;
  enqueue({.action = std::move(action), .member = member->id, .received = received, .resume = {}});
}

void TableHost::enrol(PlayerId player, std::string const &name, table::Role role,
                      std::function<void(Result<void>)> done) {
  TF_CHECK(context_.shard.on_this_thread());
  auto const present = committed_.role_of(player);
  if (present && *present >= role && settled()) return done({});
  if (waiting_.size() >= context_.knobs.table_pending_actions_max.get() || closing_) {
    return done(fail(Errc::overloaded, "the table is busy"));
  }
  enqueue({.action = {.by = player,
                      .client = {},
                      .id = {},
                      .precondition = {},
                      .operation = table::PlayerJoin{.name = name, .role = role}},
           .member = 0,
           .received = Clock::now(),
           .resume = {},
           .welcomes = false,
           .done = std::move(done)});
}

bool TableHost::may_read(PlayerId viewer) const {
  return committed_.listing == table::Listing::open || committed_.role_of(viewer).has_value();
}

Result<std::string> TableHost::read(PlayerId viewer) const {
  TF_CHECK(context_.shard.on_this_thread());
  if (!may_read(viewer)) return fail(Errc::forbidden, "this table is reached by invitation only");
  std::string out;
  protocol::append_state(out, committed_.seq,
                         table::project(committed_, viewer, [&](PlayerId player) { return online(player); }));
  return out;
}

std::optional<TableHost::Clock::time_point> TableHost::idle_since() const {
  return members_.empty() && settled() && !snapshot_running_ ? std::optional(left_at_) : std::nullopt;
}

void TableHost::close_all(protocol::CloseReason reason, std::chrono::milliseconds spread) {
  closing_ = true;
  for (auto &[id, member] : members_) {
    auto const wait = context_.chance.below(static_cast<std::uint64_t>(spread.count()) + 1);
    close(member, reason, std::chrono::milliseconds(wait));
  }
}

void TableHost::tidy(Clock::time_point now) {
  constexpr std::chrono::seconds kQuiet{3};
  forget_old_events();
  if (settled() && now - acted_at_ > kQuiet) let_go();
  for (auto &[id, member] : members_) {
    if (member.slow_since == Member::kNotSlow || now - member.slow_since <= kSlowMax) continue;
    context_.metrics.slow_closed.add();
    close(member, protocol::CloseReason::too_slow, std::chrono::milliseconds(1'000));
  }
}

void TableHost::forget_old_events() {
  auto const oldest = wall_clock_now() - context_.knobs.replay_age_max.get();
  while (!recent_.empty() && recent_.front().at < oldest) recent_.pop_front();
  if (recent_.empty()) recent_.shrink_to_fit();
}

/// Of what only a table in play needs.
void TableHost::let_go() {
  if (ahead_) {
    ahead_.reset();
    // What events have made of it has room for more of them; a copy has none.
    committed_ = table::State(committed_);
  }
  uncommitted_.shrink_to_fit();
  waiting_.shrink_to_fit();
  turn_.let_go();
}

/// From half of the knob to all of it, otherwise for each table and time: tables that began together and are equally
/// busy would all write theirs at once, and everybody would wait meanwhile.
Seq TableHost::snapshot_distance() const {
  Seq const longest = context_.knobs.snapshot_every_events.get();
  return longest - (std::hash<TableId>{}(committed_.id) + snapshot_seq_) % (longest / 2 + 1);
}

void TableHost::snapshot() {
  if (snapshot_running_ || committed_.seq == snapshot_seq_) return;
  auto state = std::make_shared<table::State const>(committed_);
  auto const job = [self = weak_from_this(), &shard = context_.shard, &store = context_.snapshots,
                    &metrics = context_.metrics, state] {
    auto const started = Clock::now();
    auto document = codec::encode_state(*state);
    auto const size = document.size();
    auto const saved = store.save(state->id, {.seq = state->seq, .state = std::move(document)});
    if (saved) {
      metrics.snapshots.add();
      metrics.snapshot.record(Clock::now() - started);
      metrics.snapshot_bytes.record(size);
    } else {
      metrics.snapshots_failed.add();
      log::warn("a snapshot could not be written; the next one is tried later",
                {{"table", state->id}, {"seq", state->seq}, {"error", saved.error()}});
    }
    shard.post([self, state, ok = saved.has_value()] {
      auto const host = self.lock();
      if (!host) return;
      host->snapshot_running_ = false;
      if (!ok) return;
      host->snapshot_seq_ = std::max(host->snapshot_seq_, state->seq);
      auto const &context = host->context_;
      if (context.states == nullptr) return;
      auto kept =
          std::make_shared<KeptState const>(KeptState{.seq = state->seq, .snapshot_seq = state->seq, .state = state});
      runtime::spawn(context.scope, "keep a state", context.states->keep(state->id, std::move(kept)));
    });
  };
  snapshot_running_ = context_.pool.try_post(job);
}

}  // namespace tableforge::host
