#include <algorithm>
#include <utility>

#include "tableforge/base/check.hpp"
#include "tableforge/codec/event_body.hpp"
#include "tableforge/host/table_host.hpp"
#include "tableforge/log/limited.hpp"
#include "tableforge/log/log.hpp"

/// What a table hears from the other instances at which it is open, and what it tells them.
namespace tableforge::host {

void TableHost::attend(std::shared_ptr<RelayLine> line) {
  TF_CHECK(context_.shard.on_this_thread() && !line_);
  line_ = std::move(line);
  if (line_) line_->attend(weak_from_this());
}

void TableHost::hang_up() {
  TF_CHECK(context_.shard.on_this_thread());
  line_.reset();
}

RelayListener::Here TableHost::here() const {
  Here here{.seq = committed_.seq, .online = {}};
  for (auto const &[id, member] : members_) {
    if (member.joined) here.online.push_back(member.player);
  }
  std::ranges::sort(here.online);
  here.online.erase(std::ranges::unique(here.online).begin(), here.online.end());
  return here;
}

void TableHost::tell_committed(std::span<table::Event const> events) {
  if (!line_ || !line_->shared()) return;
  // Encoded a second time: where nobody else is, which is nearly always, the first copy went to the journal whole.
  line_->committed({.first_seq = events.front().seq,
                    .n = static_cast<std::uint32_t>(events.size()),
                    .append_id = {},
                    .at = events.back().at,
                    .body = codec::encode_events(events)});
}

void TableHost::take_in(std::vector<Row> rows, metrics::RowSource source) {
  TF_CHECK(context_.shard.on_this_thread());
  // One by one, since there may be more than is kept.
  for (auto &row : rows) {
    keep_heard(std::move(row), source);
    use_heard();
  }
}

void TableHost::row_came(Row row) {
  TF_CHECK(context_.shard.on_this_thread());
  keep_heard(std::move(row), metrics::RowSource::relay);
  use_heard();
}

void TableHost::keep_heard(Row row, metrics::RowSource source) {
  if (row.first_seq <= committed_.seq) return;
  auto const at =
      std::ranges::lower_bound(heard_, row.first_seq, {}, [](Heard const &each) { return each.row.first_seq; });
  bool const known = at != heard_.end() && at->row.first_seq == row.first_seq;
  if (known && !at->row.body.empty()) return;
  std::size_t bytes = row.body.size();
  for (auto const &each : heard_) bytes += each.row.body.size();
  if (bytes > kHeardBytesMax || heard_.size() >= kHeardRowsMax) {
    context_.metrics.rows_unfit.add();
    return;
  }
  if (known) {
    at->row = std::move(row);  // It was only told of.
  } else {
    heard_.insert(at, {std::move(row), source});
  }
}

void TableHost::forget_known() {
  auto const first_new =
      std::ranges::find_if(heard_, [&](Heard const &each) { return each.row.first_seq > committed_.seq; });
  heard_.erase(heard_.begin(), first_new);
}

/// While an append is with the journal its outcome decides what we are to go on from, and while a reload runs it does.
void TableHost::use_heard() {
  if (heard_.empty() || in_flight_ > 0 || reloading_) return;
  forget_known();
  if (heard_.empty()) return;
  // Whatever was decided meanwhile stands on a history that has another end.
  discard_ahead();
  if (apply_heard()) {
    judge_again();
  } else {
    reload();
  }
}

/// False if something is left that does not follow, or cannot be read: the journal knows.
bool TableHost::apply_heard() {
  std::size_t used = 0;
  for (auto const &[row, source] : heard_) {
    if (row.first_seq > committed_.seq) {
      if (row.first_seq != committed_.seq + 1 || row.body.empty()) break;
      auto events = codec::decode_events(row.body, row.first_seq);
      if (!events || events->size() != row.n) {
        static log::Limited limited(std::chrono::seconds(1));
        limited.warn("a row that another instance told of cannot be understood; it is read instead",
                     {{"table", committed_.id}, {"seq", row.first_seq}});
        break;
      }
      for (auto &event : *events) advance(std::move(event));
      context_.metrics.rows_taken.at(source).add();
    }
    ++used;
  }
  heard_.erase(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(used));
  bool const all = heard_.empty();
  if (all) std::vector<Heard>().swap(heard_);
  return all;
}

void TableHost::presence_came(PlayerId player, protocol::Presence const &presence) {
  TF_CHECK(context_.shard.on_this_thread());
  if (members_.empty() || shown_.size() >= kShownElsewhereMax) return;
  keep_shown(0, player, presence);
}

void TableHost::elsewhere_changed(PlayerId player, bool is_online) {
  TF_CHECK(context_.shard.on_this_thread());
  // Of a stranger nobody is told: their joining is on its way.
  if (connected_here(player) || !committed_.role_of(player)) return;
  announce(player, is_online);
}

}  // namespace tableforge::host
