#include "cache/remote.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "tableforge/log/log.hpp"
#include "tableforge/redis/script.hpp"

#include "cache/announcement.hpp"

namespace tableforge::cache {

namespace {

using metrics::RemoteTrouble;

/// newer(a, b): by version, then by when it was filled, which is the order of these bytes. Compared byte by byte:
/// Lua's numbers lose the low bits of 64, and its order of strings depends on the server's locale.
/// held(key): the head of an entry, or nil for anything else that may lie there.
constexpr char const *kLuaCommon = R"lua(
local function newer(a, b)
  local x, y = {string.byte(a, 5, 20)}, {string.byte(b, 5, 20)}
  for i = 1, 16 do if x[i] ~= y[i] then return x[i] > y[i] end end
  return false
end
local function held(key)
  local head = redis.pcall('GETRANGE', key, 0, 31)
  if type(head) == 'string' and #head == 32 and string.sub(head, 1, 3) == 'TF\1' then return head end
end
)lua";

redis::Script const &fill_script() {
  static redis::Script const script(std::string(kLuaCommon) + R"lua(
if redis.pcall('GET', KEYS[2]) == ARGV[3] then redis.call('DEL', KEYS[2]) end
local there = held(KEYS[1])
if there and newer(there, ARGV[1]) then return there end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
)lua");
  return script;
}

/// What the next script answers when something older lay there. That were a tombstone, others know of it already.
constexpr std::int64_t kReplaced = 2;

redis::Script const &put_script() {
  static redis::Script const script(std::string(kLuaCommon) + R"lua(
local there = held(KEYS[1])
if there and newer(there, ARGV[1]) then return there end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if there and string.byte(there, 4) < 4 and string.sub(there, 5, 12) ~= string.sub(ARGV[1], 5, 12) then
  redis.call('PUBLISH', ARGV[3], ARGV[4])
  return 2
end
return 1
)lua");
  return script;
}

/// Out of memory, Redis refuses the tombstone; then the value goes without one, and readers find nothing.
redis::Script const &invalidate_script() {
  static redis::Script const script(std::string(kLuaCommon) + R"lua(
local there = held(KEYS[1])
if not (there and newer(there, ARGV[1])) then
  local set = redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  if type(set) == 'table' and set.err then redis.call('DEL', KEYS[1]) end
end
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
)lua");
  return script;
}

redis::Script const &release_script() {
  static redis::Script const script(R"lua(
if redis.pcall('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
)lua");
  return script;
}

redis::Script const &remove_script() {
  static redis::Script const script(R"lua(
local head = redis.pcall('GETRANGE', KEYS[1], 0, 31)
if type(head) ~= 'string' or head == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
)lua");
  return script;
}

std::string in_milliseconds(std::chrono::steady_clock::duration duration) {
  // SET refuses 0.
  return std::to_string(std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::milliseconds>(duration).count()));
}

std::string lease_of(std::string const &name) { return name + ":lease"; }

/// Of its version, the last there can be: then one comparison serves values and tombstones.
Record tombstone(Version version) {
  return {.kind = Record::Kind::tombstone, .version = version, .filled_at = Time::max()};
}

}  // namespace

Remote::Remote(redis::Client &client, Options options, std::string instance, metrics::CacheMetrics &metrics)
    : client_(client),
      options_(std::move(options)),
      instance_(std::move(instance)),
      channel_(options_.name_space + ":invalidations"),
      metrics_(metrics) {}

bool Remote::enabled() const { return client_.health() != redis::Health::disabled; }

std::string Remote::name_of(ClassSpec const &cls, std::string_view key) const {
  bool const tagged = key.find('{') != std::string_view::npos;
  std::string name = options_.name_space;
  name += ':';
  name += cls.name();
  name += tagged ? ":" : ":{";
  name += key;
  if (!tagged) name += '}';
  return name;
}

asio::awaitable<Remote::Found> Remote::get(ClassSpec const &cls, std::string key) {
  std::string name = name_of(cls, key);
  auto const reply = co_await client_.command({"GET", name}, options_.limit);
  if (trouble(reply)) {
    bool const wrong_type = reply && reply->is_error() && reply->error()->text.starts_with("WRONGTYPE");
    if (wrong_type) co_await remove(std::move(name), {});
    co_return Found{.reached = wrong_type};
  }
  auto const *bytes = reply->text();
  if (bytes == nullptr) co_return Found{.reached = true};
  auto record = decode_record(*bytes);
  if (!record) {
    garbage(cls, key);
    co_await remove(std::move(name), bytes->substr(0, kRecordHeadBytes));
    co_return Found{.reached = true};
  }
  if (record->kind == Record::Kind::tombstone) co_return Found{.reached = true};
  co_return Found{.reached = true, .record = std::move(record), .head = bytes->substr(0, kRecordHeadBytes)};
}

asio::awaitable<Remote::Lease> Remote::lease(ClassSpec const &cls, std::string key) {
  auto const reply = co_await client_.command(
      {"SET", lease_of(name_of(cls, key)), instance_, "NX", "PX", in_milliseconds(options_.lease)}, options_.limit);
  if (trouble(reply)) co_return Lease::unreachable;
  co_return reply->is_nil() ? Lease::taken : Lease::ours;
}

asio::awaitable<void> Remote::release(ClassSpec const &cls, std::string key) {
  static_cast<void>(
      trouble(co_await release_script().run(client_, {lease_of(name_of(cls, key))}, {instance_}, options_.limit)));
}

asio::awaitable<std::optional<Version>> Remote::fill(ClassSpec const &cls, std::string key, Record record,
                                                     Duration ttl) {
  std::string const name = name_of(cls, key);
  auto const reply = co_await fill_script().run(
      client_, {name, lease_of(name)},
      {encode_record(record, options_.compress_from_bytes), in_milliseconds(ttl), instance_}, options_.limit);
  if (trouble(reply)) co_return std::nullopt;
  co_return refusal_in(*reply);
}

std::optional<Version> Remote::refusal_in(redis::Reply const &reply) {
  auto const refusal = reply.text() != nullptr ? decode_head(*reply.text()) : std::nullopt;
  if (!refusal) return std::nullopt;
  if (refusal->is_tombstone) return refusal->version;
  // A newer value vouches for itself, and only what is older must go.
  return refusal->version > 0 ? std::optional(refusal->version - 1) : std::nullopt;
}

asio::awaitable<Remote::Stored> Remote::put(ClassSpec const &cls, std::string key, Record record, Duration ttl) {
  std::string const message = encode_announcement(
      {.sender = instance_, .cls = cls.id, .version = record.version > 0 ? record.version - 1 : 0, .key = key});
  auto const reply = co_await put_script().run(
      client_, {name_of(cls, key)},
      {encode_record(record, options_.compress_from_bytes), in_milliseconds(ttl), channel_, message}, options_.limit);
  if (trouble(reply)) co_return Stored{};
  co_return Stored{.refused = refusal_in(*reply),
                   .replaced = reply->number() != nullptr && *reply->number() == kReplaced};
}

asio::awaitable<bool> Remote::invalidate(ClassSpec const &cls, std::string key, Version version) {
  std::string const message = encode_announcement({.sender = instance_, .cls = cls.id, .version = version, .key = key});
  auto const reply = co_await invalidate_script().run(client_, {name_of(cls, key)},
                                                      {encode_record(tombstone(version), options_.compress_from_bytes),
                                                       in_milliseconds(options_.tombstone_ttl), channel_, message},
                                                      options_.limit);
  co_return !trouble(reply);
}

asio::awaitable<void> Remote::discard(ClassSpec const &cls, std::string key, std::string head) {
  garbage(cls, key);
  co_await remove(name_of(cls, key), std::move(head));
}

asio::awaitable<void> Remote::discard_payload(ClassSpec const &cls, std::string key, std::string payload) {
  garbage(cls, key);
  if (!enabled()) co_return;
  auto found = co_await get(cls, key);
  // Somebody may have put something better there by now.
  if (!found.record || found.record->payload != payload) co_return;
  co_await remove(name_of(cls, key), std::move(found.head));
}

asio::awaitable<void> Remote::remove(std::string name, std::string head) {
  static_cast<void>(
      trouble(co_await remove_script().run(client_, {std::move(name)}, {std::move(head)}, options_.limit)));
}

bool Remote::trouble(Result<redis::Reply> const &reply) {
  if (reply && !reply->is_error()) return false;
  if (reply) {
    std::string const &text = reply->error()->text;
    bool const wrong_type = text.starts_with("WRONGTYPE");
    metrics_.remote_trouble.at(wrong_type ? RemoteTrouble::wrong_type : RemoteTrouble::refused).add();
    refusals_.warn("redis refuses the cache", {{"reply", text}});
    return true;
  }
  switch (reply.error().code) {
    case Errc::timeout: metrics_.remote_trouble.at(RemoteTrouble::timeout).add(); break;
    case Errc::overloaded: metrics_.remote_trouble.at(RemoteTrouble::overloaded).add(); break;
    case Errc::cancelled: break;
    default: metrics_.remote_trouble.at(RemoteTrouble::away).add(); break;
  }
  return true;
}

void Remote::garbage(ClassSpec const &cls, std::string_view key) {
  metrics_.remote_trouble.at(RemoteTrouble::garbage).add();
  garbage_.warn("redis holds an entry that cannot be read", {{"class", cls.name()}, {"key", key}});
}

}  // namespace tableforge::cache
