#include "cache/shard_cache.hpp"

#include <algorithm>
#include <atomic>
#include <span>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tableforge/base/check.hpp"
#include "tableforge/base/os_random.hpp"
#include "tableforge/log/log.hpp"
#include "tableforge/runtime/timer.hpp"

#include "cache/announcement.hpp"
#include "cache/duty.hpp"

namespace tableforge::cache {

namespace {

using metrics::RemoteTrouble;

/// How often another instance's load is looked for: its usual time is a few milliseconds.
constexpr Clock::duration kPollMin = std::chrono::milliseconds(2);
constexpr Clock::duration kPollMax = std::chrono::milliseconds(20);
/// How long after a failure Redis is told again what it is owed.
constexpr Clock::duration kPayEvery = std::chrono::milliseconds(100);
/// What is lost when a moment travels through the wall clock's microseconds; two fills this close are the same.
constexpr Clock::duration kClockGrain = std::chrono::milliseconds(1);

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  os_random(std::as_writable_bytes(std::span(&seed, 1)));
  return seed;
}

/// What every other instance may serve this value for, and so how long Redis is to hold it.
Clock::duration life_of(Entry const &entry, ClassSpec const &cls) {
  if (!entry.value) return cls.knobs.negative_ttl.get();
  Clock::duration const ttl = cls.knobs.ttl_longest();
  if (!cls.is_mutable() || ttl == Clock::duration::zero()) return ttl;
  return ttl + cls.knobs.stale_while_revalidate.get();
}

asio::awaitable<bool> expire(asio::steady_timer &timer) {
  auto const [code] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return !code;
}

}  // namespace

/// Tells whoever waits here that an invalidation is complete.
struct ShardCache::Acknowledged {
  explicit Acknowledged(runtime::Shard &shard) : timer(shard.executor()) {}
  asio::steady_timer timer;
  bool complete = false;

  void tell() {
    complete = true;
    timer.cancel();
  }
};

ShardCache::ShardCache(Process &process, runtime::Shard &shard, redis::Client &client)
    : process_(process),
      shard_(shard),
      shelves_(shard, process.metrics, process.seed, process.options.now, process.options.watch),
      remote_(client,
              {.name_space = process.options.name_space,
               .limit = process.options.remote_limit,
               .compress_from_bytes = process.options.compress_from_bytes,
               .lease = process.options.lease,
               .tombstone_ttl = process.options.tombstone_ttl},
              process.instance, process.metrics),
      auditor_(scope_, process.metrics, process.options.now, random_seed(),
               [this](ClassSpec const &cls, Clock::duration age, bool stale) { shelves_.compared(cls, age, stale); }),
      subscriber_(
          shard,
          {.address = process.options.address, .channels = {remote_.channel()}, .heartbeat = process.options.heartbeat},
          {.on_message = [this](std::string_view, std::string_view message) { heard(message); },
           .on_lost = [this] { may_have_missed(); },
           .on_back = [this] { may_have_missed(); }},
          process.redis),
      scope_(shard) {
  guards_.reserve(Words<CacheClass>::words.size());
  for (auto const &cls : Words<CacheClass>::words) {
    guards_.emplace_back(cls, process.options.origin_backoff, static_cast<std::uint32_t>(random_seed()));
  }
}

ShardCache::~ShardCache() { process_.metrics.owed.sub(static_cast<std::int64_t>(owed_.size())); }

void ShardCache::start() {
  TF_CHECK(shard_.on_this_thread());
  subscriber_.start();
}

asio::awaitable<void> ShardCache::close() {
  co_await scope_.close();
  co_await subscriber_.close();
}

Shelves::Hit ShardCache::look(ClassSpec const &cls, std::string_view key) {
  auto const hit = shelves_.look(cls, key, process_.options.now());
  if (hit.entry != nullptr) auditor_.served(cls, key, *hit.entry, &life_of);
  return hit;
}

void ShardCache::refresh(ClassSpec const &cls, std::string_view key, Fetch fetch) {
  if (guards_[static_cast<std::size_t>(cls.id)].holds_back(process_.options.now())) {
    process_.metrics.loads_held_back.at(cls.id).add();
    return;
  }
  auto load = process_.loads.begin(cls, key);
  if (!load) return;
  Entry const *const present = shelves_.peek(cls, key);
  std::optional<Clock::time_point> newer_than;
  if (present != nullptr) {
    newer_than = present->filled_at;
    bool const early = shelves_.judge_now(*present, cls, key, process_.options.now()) != Freshness::stale;
    if (early) process_.metrics.refreshes.at(cls.id).add();
  }
  spawn(scope_, "cache refresh",
        lead(Duty(*this, cls, std::string(key), std::move(load)), std::move(fetch), newer_than));
}

asio::awaitable<Result<ShardCache::Value>> ShardCache::miss(ClassSpec const &cls, std::string key, Fetch fetch) {
  auto joined = process_.loads.join(cls, key, shard_);
  if (!joined) {
    process_.metrics.overloaded.at(cls.id).add();
    co_return std::unexpected(joined.error());
  }
  auto const waiter = joined->waiter;
  waiter->timer.expires_after(2 * process_.options.load_limit);
  if (joined->leads) {
    spawn(scope_, "cache load",
          lead(Duty(*this, cls, std::move(key), std::move(joined->load)), std::move(fetch), std::nullopt));
  } else {
    process_.metrics.coalesced.at(cls.id).add();
  }
  // There is an outcome already if our scope has closed.
  bool const expired = !waiter->outcome && co_await expire(waiter->timer);
  if (waiter->outcome) {
    if (!*waiter->outcome) co_return std::unexpected(waiter->outcome->error());
    co_return std::move((*waiter->outcome)->value);
  }
  if (expired) co_return fail(Errc::timeout, "the cache did not load in time");
  co_return fail(Errc::cancelled, "the caller was cancelled");
}

asio::awaitable<void> ShardCache::lead(Duty duty, Fetch fetch, std::optional<Clock::time_point> newer_than) {
  ClassSpec const &cls = duty.cls();
  metrics::CacheMetrics &metrics = process_.metrics;
  Offer offer;
  if (cls.encode && remote_.enabled()) offer = co_await ask_remote(duty, newer_than);
  if (offer.fresh) {
    metrics.hits.at(cls.id, metrics::CacheLevel::l2).add();
    if (!offer.fresh->value) metrics.negative_hits.at(cls.id).add();
    auditor_.served(cls, duty.key(), *offer.fresh, &life_of);
    duty.done(std::move(*offer.fresh));
    co_return;
  }

  auto loaded = co_await load(duty, std::move(fetch));
  if (!loaded) {
    bool const bearable =
        offer.bearable &&
        shelves_.judge_now(*offer.bearable, cls, duty.key(), process_.options.now()) != Freshness::expired &&
        process_.loads.accepts(duty.load(), offer.bearable->version);
    if (bearable) {
      metrics.stale_served.at(cls.id).add();
      auditor_.served(cls, duty.key(), *offer.bearable, &life_of);
    }
    std::string key = duty.key();
    duty.done(bearable ? Result<Entry>(std::move(*offer.bearable)) : std::unexpected(loaded.error()));
    if (offer.leased) co_await remote_.release(cls, std::move(key));
    co_return;
  }
  Entry entry = std::move(*loaded);
  std::string key = duty.key();
  // Nobody waits for Redis to be told.
  bool const keep = duty.done(entry);
  if (keep && offer.reached) {
    co_await fill_remote(cls, std::move(key), std::move(entry));
  } else if (offer.leased) {
    co_await remote_.release(cls, std::move(key));
  }
}

asio::awaitable<Result<Entry>> ShardCache::load(Duty const &duty, Fetch fetch) {
  ClassSpec const &cls = duty.cls();
  metrics::CacheMetrics &metrics = process_.metrics;
  OriginGuard &guard = guards_[static_cast<std::size_t>(cls.id)];
  // Before the origin is asked, because what it answers may be as old as that.
  auto const started = process_.options.now();
  auto const ticket = guard.admit(started);
  if (!ticket) {
    metrics.loads_held_back.at(cls.id).add();
    co_return fail(Errc::unavailable, "what is to be read from has just failed, and is left alone for a while");
  }
  OriginGuard::Attempt attempt(guard, *ticket);
  auto loaded = co_await runtime::with_deadline(fetch(), process_.options.load_limit);
  auto const ended = process_.options.now();
  attempt.ended(loaded ? std::nullopt : std::optional(loaded.error().code), ended);
  metrics.loads.at(cls.id).add();
  metrics.load.at(cls.id).record(ended - started);
  shelves_.loaded(cls, duty.key(), ended - started);
  if (!loaded) {
    metrics.loads_failed.at(cls.id).add();
    co_return std::unexpected(loaded.error());
  }
  Entry entry{.value = std::move(loaded->value),
              .version = loaded->version,
              .filled_at = started,
              .load_cost = ended - started,
              .bytes = 0};
  if (entry.value) entry.bytes = cls.bytes(entry.value.get());
  co_return entry;
}

asio::awaitable<ShardCache::Offer> ShardCache::ask_remote(Duty const &duty,
                                                          std::optional<Clock::time_point> newer_than) {
  ClassSpec const &cls = duty.cls();
  Offer offer;
  auto const give_up = Clock::now() + process_.options.lease_wait;
  auto pause = kPollMin;
  bool waited = false;
  while (true) {
    auto found = co_await remote_.get(cls, duty.key());
    offer.reached = found.reached;
    if (found.record) co_await consider(duty, std::move(found), newer_than, offer);
    if (offer.fresh || !offer.reached || offer.leased) break;
    auto const lease = co_await remote_.lease(cls, duty.key());
    offer.leased = lease == Remote::Lease::ours;
    // Whoever held it may have filled and given it back between the two questions.
    if (offer.leased && waited) continue;
    if (lease != Remote::Lease::taken) break;
    if (!std::exchange(waited, true)) process_.metrics.leases_waited.add();
    if (Clock::now() >= give_up) {
      process_.metrics.leases_overrun.add();
      break;
    }
    co_await runtime::sleep_for(pause);
    pause = std::min(2 * pause, kPollMax);
  }
  if (offer.fresh && std::exchange(offer.leased, false)) co_await remote_.release(cls, duty.key());
  co_return offer;
}

asio::awaitable<void> ShardCache::consider(Duty const &duty, Remote::Found found,
                                           std::optional<Clock::time_point> newer_than, Offer &offer) {
  ClassSpec const &cls = duty.cls();
  Record const &record = *found.record;
  Entry entry{.value = nullptr, .version = record.version, .filled_at = {}, .load_cost = record.load_cost, .bytes = 0};
  if (record.kind == Record::Kind::value) {
    auto value = cls.decode(record.payload);
    if (!value || !*value) {
      co_await remote_.discard(cls, duty.key(), std::move(found.head));
      co_return;
    }
    entry.value = std::move(*value);
    entry.bytes = cls.bytes(entry.value.get());
  }
  auto const now = process_.options.now();
  auto const wall_now = process_.options.wall_now();
  // A filler whose clock is ahead gains no time by that: Redis ends the entry by its own.
  entry.filled_at = now;
  if (record.filled_at < Time{}) co_return;
  if (record.filled_at < wall_now) entry.filled_at = now - (wall_now - record.filled_at);
  if (newer_than && entry.filled_at <= *newer_than + kClockGrain) co_return;
  if (!process_.loads.accepts(duty.load(), entry.version)) {
    process_.metrics.refused_fills.at(cls.id, metrics::CacheLevel::l1).add();
    co_return;
  }
  switch (shelves_.judge_now(entry, cls, duty.key(), now)) {
    case Freshness::fresh:
    case Freshness::due:
      if (shelves_.keep(cls, duty.key(), entry)) offer.fresh = std::move(entry);
      break;
    case Freshness::stale: offer.bearable = std::move(entry); break;
    case Freshness::expired: break;
  }
}

std::optional<Record> ShardCache::record_of(ClassSpec const &cls, Entry const &entry) const {
  if (life_of(entry, cls) <= Clock::duration::zero()) return std::nullopt;
  Record record{.kind = entry.value ? Record::Kind::value : Record::Kind::negative,
                .version = entry.version,
                .filled_at = process_.options.wall_now() -
                             std::chrono::duration_cast<Time::duration>(process_.options.now() - entry.filled_at),
                .load_cost = std::chrono::duration_cast<std::chrono::microseconds>(entry.load_cost)};
  if (entry.value) record.payload = cls.encode(entry.value.get());
  if (record.payload.size() > kPayloadBytesMax) return std::nullopt;
  return record;
}

void ShardCache::learn(ClassSpec const &cls, std::string const &key, Version refused) {
  process_.metrics.refused_fills.at(cls.id, metrics::CacheLevel::l2).add();
  if (!cls.is_mutable()) return;
  process_.loads.raise(cls.id, key, refused);
  forget_everywhere(cls.id, key, refused, [] {});
}

asio::awaitable<void> ShardCache::fill_remote(ClassSpec const &cls, std::string key, Entry entry) {
  auto record = record_of(cls, entry);
  if (!record) {
    co_await remote_.release(cls, std::move(key));
    co_return;
  }
  auto const refused = co_await remote_.fill(cls, key, std::move(*record), life_of(entry, cls));
  if (refused) learn(cls, key, *refused);
}

asio::awaitable<void> ShardCache::put(ClassSpec const &cls, std::string key, Value value, Version version) {
  TF_CHECK(shard_.on_this_thread() && value != nullptr);
  Entry const *const present = shelves_.peek(cls, key);
  bool const replaced = present != nullptr && present->version < version;
  std::size_t const bytes = cls.bytes(value.get());
  Entry const entry{.value = std::move(value),
                    .version = version,
                    .filled_at = process_.options.now(),
                    .load_cost = {},
                    .bytes = bytes};
  if (!shelves_.keep(cls, key, entry)) co_return;
  auto const forget_older = [&] { forget_everywhere(cls.id, key, version - 1, [] {}); };
  if (replaced) forget_older();
  auto record = cls.encode && remote_.enabled() ? record_of(cls, entry) : std::nullopt;
  if (!record) co_return;
  auto const stored = co_await remote_.put(cls, key, std::move(*record), life_of(entry, cls));
  if (stored.refused) {
    learn(cls, key, *stored.refused);
  } else if (stored.replaced && !replaced) {
    forget_older();
  }
}

asio::awaitable<void> ShardCache::discard(ClassSpec const &cls, std::string key, Value value) {
  TF_CHECK(shard_.on_this_thread() && value != nullptr);
  for (ShardCache *const each : process_.shards) {
    auto erase = [each, id = cls.id, key] { each->shelves_.erase(id, key); };
    if (each == this) {
      erase();
    } else {
      each->shard_.post(std::move(erase));
    }
  }
  if (cls.encode) co_await remote_.discard_payload(cls, std::move(key), cls.encode(value.get()));
}

asio::awaitable<void> ShardCache::invalidate(ClassSpec const &cls, std::string key, Version version) {
  TF_CHECK(shard_.on_this_thread() && cls.is_mutable());
  process_.metrics.invalidations.at(cls.id).add();
  // Here and now, so that nobody who asks from now on waits for a load from before.
  process_.loads.detach(cls.id, key, version);
  auto const done = std::make_shared<Acknowledged>(shard_);
  done->timer.expires_after(process_.options.load_limit);
  // Told when the task is gone, however it goes: at shutdown it may be cancelled or never begin.
  std::shared_ptr<void> end(done.get(), [done](void *) { done->tell(); });
  spawn(scope_, "cache invalidation", carry_out(cls, std::move(key), version, std::move(end)));
  if (!done->complete) static_cast<void>(co_await expire(done->timer));
}

asio::awaitable<void> ShardCache::carry_out(ClassSpec const &cls, std::string key, Version version,
                                            std::shared_ptr<void>) {
  auto const forgotten = std::make_shared<Acknowledged>(shard_);
  forgotten->timer.expires_after(process_.options.load_limit);
  forget_everywhere(cls.id, key, version, [forgotten] { forgotten->tell(); });
  if (remote_.enabled() && !co_await remote_.invalidate(cls, key, version)) owe({&cls, key, version});
  if (!forgotten->complete) static_cast<void>(co_await expire(forgotten->timer));
  // A load that began meanwhile may have found the old value in Redis.
  process_.loads.raise(cls.id, key, version);
}

void ShardCache::forget_everywhere(CacheClass cls, std::string const &key, Version version,
                                   std::function<void()> then) {
  struct Round {
    std::atomic<std::size_t> left;
    std::function<void()> then;
  };
  auto const round = std::make_shared<Round>(process_.shards.size(), std::move(then));
  for (ShardCache *const other : process_.shards) {
    auto forget = [this, other, round, cls, key, version] {
      other->shelves_.invalidate(cls, key, version);
      if (round->left.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
      // What it refers to lives on this shard.
      shard_.post([round] { round->then(); });
    };
    if (other == this) {
      forget();
    } else {
      other->shard_.post(std::move(forget));
    }
  }
}

void ShardCache::owe(Owed owed) {
  auto const same = [&](Owed const &each) { return each.cls == owed.cls && each.key == owed.key; };
  if (auto const known = std::ranges::find_if(owed_, same); known != owed_.end()) {
    known->version = std::max(known->version, owed.version);
  } else {
    if (owed_.size() >= process_.options.owed_max) {
      process_.metrics.owed_dropped.at(owed_.front().cls->id).add();
      unwanted_.warn("redis is owed too many invalidations; what it holds of the oldest ends with its ttl",
                     {{"class", owed_.front().cls->name()}, {"key", owed_.front().key}});
      pop_owed();
    }
    owed_.push_back(std::move(owed));
    process_.metrics.owed.add();
  }
  if (!std::exchange(paying_, true)) spawn(scope_, "cache owed invalidations", pay());
}

void ShardCache::pop_owed() {
  owed_.pop_front();
  process_.metrics.owed.sub();
}

asio::awaitable<void> ShardCache::pay() {
  while (!owed_.empty()) {
    co_await runtime::sleep_for(kPayEvery);
    while (!owed_.empty()) {
      Owed const next = owed_.front();
      if (!co_await remote_.invalidate(*next.cls, next.key, next.version)) break;
      // More may have been owed meanwhile, also for this key, and the oldest given up.
      if (!owed_.empty() && owed_.front() == next) pop_owed();
    }
  }
  paying_ = false;
}

void ShardCache::heard(std::string_view message) {
  auto const announcement = decode_announcement(message);
  if (!announcement) {
    process_.metrics.remote_trouble.at(RemoteTrouble::unwanted).add();
    unwanted_.warn("a message on the cache's channel is no invalidation", {{"bytes", message.size()}});
    return;
  }
  if (announcement->sender == process_.instance) return;
  process_.metrics.invalidations.at(announcement->cls).add();
  process_.loads.detach(announcement->cls, announcement->key, announcement->version);
  shelves_.invalidate(announcement->cls, announcement->key, announcement->version);
}

void ShardCache::may_have_missed() {
  process_.metrics.flushes.add();
  process_.gaps.fetch_add(1);
  process_.loads.detach_mutable();
  shelves_.clear_mutable();
}

}  // namespace tableforge::cache
