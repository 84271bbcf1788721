#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tableforge/base/fields.hpp"

/// The enumerations that label metrics. Each is closed, so no metric can grow with players, tables or input.
namespace tableforge::metrics {

/// What became of an action that was understood.
enum class ActionOutcome : std::uint8_t { accepted, rejected, repeated, refused };

/// Why a WebSocket ended.
enum class CloseReason : std::uint8_t {
  client,              ///< The client closed it.
  lost,                ///< The connection broke, or answered no ping.
  protocol_error,      ///< RFC 6455's own 1002, 1003, 1007, 1009.
  restarting,          ///< 4000
  no_hello,            ///< 4001
  too_slow,            ///< 4008
  replaced,            ///< 4009
  overloaded,          ///< 4013
  unauthorized,        ///< 4500
  protocol_violation,  ///< 4501
  table_closed,        ///< 4503
  removed,             ///< 4504
};

/// What was wrong with bytes that came from outside.
enum class BadInput : std::uint8_t {
  frame,       ///< Not RFC 6455.
  binary,      ///< A binary frame.
  utf8,        ///< Not UTF-8.
  json,        ///< Not JSON.
  shape,       ///< JSON of the wrong shape.
  unknown_op,  ///< No such operation.
  too_large,   ///< Past a size limit.
  hello,       ///< A first message that is no hello.
  http,        ///< Not HTTP, or a request that cannot be served.
  proxy,       ///< No PROXY header where one is due, or from somebody who is no trusted proxy.
};

/// Which limit of one address was reached.
enum class AddressLimit : std::uint8_t { connections, requests, upgrades };

/// What may be given as a file, and has an age.
enum class SecretName : std::uint8_t { secret, old_secret, admin_token };

enum class StatusClass : std::uint8_t { informational, success, redirection, client_error, server_error };

/// 101 → informational … 503 → server_error.
constexpr StatusClass status_class(unsigned status) {
  unsigned const hundreds = status / 100;
  return static_cast<StatusClass>(hundreds < 1 ? 4 : hundreds > 5 ? 4 : hundreds - 1);
}

/// How a client that said hello was brought up to date.
enum class ResumeMode : std::uint8_t { replay, snapshot };

enum class CommandOutcome : std::uint8_t {
  ok,
  error,        ///< Redis answered with an error.
  timeout,      ///< No answer before the deadline.
  unavailable,  ///< Not connected, or the connection broke under it.
  overloaded,   ///< Refused: too many in flight.
};

/// The numbers of tableforge_redis_breaker_state.
enum class BreakerState : std::uint8_t { closed, half_open, open };

/// What became of one table's append.
enum class AppendOutcome : std::uint8_t { committed, lost, failed, poisoned };

/// What is read through the cache. Each has its own memory, lifetimes and counters.
enum class CacheClass : std::uint8_t { table_state, lobby_page, history_page };

/// Where the cache found a value: in the process, or in Redis.
enum class CacheLevel : std::uint8_t { l1, l2 };

/// What an audit found about a value that had been served.
enum class AuditResult : std::uint8_t {
  current,       ///< The origin had nothing newer.
  stale,         ///< It had, for no longer than the class allows.
  beyond_bound,  ///< It had, for longer than a value of the class may be served at all.
  skipped,       ///< Not compared: too much to do, or the origin did not answer.
};

/// What the tuner tunes. Each has trials and evidence of its own.
enum class TunerDomain : std::uint8_t { cache, database, websocket, memory };

/// What an answer may wait in on its way.
enum class Stage : std::uint8_t {
  run_queue,       ///< For its turn on an I/O thread.
  journal_queue,   ///< For a writer of the journal,
  journal_commit,  ///< and for its commit.
  database_wait,   ///< For a thread that may ask the database.
  outbox,          ///< Behind what its client has not read yet.
  cache_load,      ///< For a value that is loaded.
};

/// What became of a trial of the tuner.
enum class TrialVerdict : std::uint8_t { keep, neutral, harmful, guarded, invalid, too_few, abandoned };

/// Why the second level could not be used.
enum class RemoteTrouble : std::uint8_t {
  away,        ///< Not connected, or the breaker is open.
  timeout,     ///< No answer within the few milliseconds it has.
  overloaded,  ///< Too many commands in flight.
  refused,     ///< Redis answered with an error: its memory is full, or we may not.
  wrong_type,  ///< Something that is no string lies under one of our keys.
  garbage,     ///< Bytes that are no entry, or none that its class can read.
  unwanted,    ///< A message on our channel that is none of ours.
};

/// What instances tell each other about a table.
enum class RelayKind : std::uint8_t { greeting, farewell, came, left, row, presence };

/// How a table learned of a row that another instance wrote, other than by losing to it.
enum class RowSource : std::uint8_t { relay, look };

}  // namespace tableforge::metrics

namespace tableforge {

template <>
struct Words<metrics::ActionOutcome> {
  static constexpr std::array<std::string_view, 4> words{"accepted", "rejected", "repeated", "refused"};
};
template <>
struct Words<metrics::CloseReason> {
  static constexpr std::array<std::string_view, 12> words{
      "client",   "lost",       "protocol_error", "restarting",         "no_hello",     "too_slow",
      "replaced", "overloaded", "unauthorized",   "protocol_violation", "table_closed", "removed"};
};
template <>
struct Words<metrics::BadInput> {
  static constexpr std::array<std::string_view, 10> words{"frame",      "binary",    "utf8",  "json", "shape",
                                                          "unknown_op", "too_large", "hello", "http", "proxy"};
};
template <>
struct Words<metrics::AddressLimit> {
  static constexpr std::array<std::string_view, 3> words{"connections", "requests", "upgrades"};
};
template <>
struct Words<metrics::SecretName> {
  static constexpr std::array<std::string_view, 3> words{"secret", "old-secret", "admin-token"};
};
template <>
struct Words<metrics::StatusClass> {
  static constexpr std::array<std::string_view, 5> words{"1xx", "2xx", "3xx", "4xx", "5xx"};
};
template <>
struct Words<metrics::ResumeMode> {
  static constexpr std::array<std::string_view, 2> words{"replay", "snapshot"};
};
template <>
struct Words<metrics::CommandOutcome> {
  static constexpr std::array<std::string_view, 5> words{"ok", "error", "timeout", "unavailable", "overloaded"};
};
template <>
struct Words<metrics::BreakerState> {
  static constexpr std::array<std::string_view, 3> words{"closed", "half_open", "open"};
};
template <>
struct Words<metrics::AppendOutcome> {
  static constexpr std::array<std::string_view, 4> words{"committed", "lost", "failed", "poisoned"};
};
template <>
struct Words<metrics::CacheClass> {
  static constexpr std::array<std::string_view, 3> words{"table_state", "lobby_page", "history_page"};
};
template <>
struct Words<metrics::CacheLevel> {
  static constexpr std::array<std::string_view, 2> words{"l1", "l2"};
};
template <>
struct Words<metrics::AuditResult> {
  static constexpr std::array<std::string_view, 4> words{"current", "stale", "beyond_bound", "skipped"};
};
template <>
struct Words<metrics::TunerDomain> {
  static constexpr std::array<std::string_view, 4> words{"cache", "database", "websocket", "memory"};
};
template <>
struct Words<metrics::Stage> {
  static constexpr std::array<std::string_view, 6> words{"run_queue",     "journal_queue", "journal_commit",
                                                         "database_wait", "outbox",        "cache_load"};
};
template <>
struct Words<metrics::TrialVerdict> {
  static constexpr std::array<std::string_view, 7> words{"keep",    "neutral", "harmful",  "guarded",
                                                         "invalid", "too_few", "abandoned"};
};
template <>
struct Words<metrics::RemoteTrouble> {
  static constexpr std::array<std::string_view, 7> words{"away",       "timeout", "overloaded", "refused",
                                                         "wrong_type", "garbage", "unwanted"};
};
template <>
struct Words<metrics::RelayKind> {
  static constexpr std::array<std::string_view, 6> words{"greeting", "farewell", "came", "left", "row", "presence"};
};
template <>
struct Words<metrics::RowSource> {
  static constexpr std::array<std::string_view, 2> words{"relay", "look"};
};

}  // namespace tableforge
