#pragma once

#include <chrono>
#include <cstddef>

#include "tableforge/knobs/cache_knobs.hpp"
#include "tableforge/knobs/knob.hpp"
#include "tableforge/knobs/knob_set.hpp"

namespace tableforge {

/// Every live number of the server, declared once. A declaration alone yields the default, the bounds, the gauge
/// `tableforge_knob{name=}`, the admin JSON and the tuner's range.
///
/// Threads: any.
struct Knobs : KnobSet {  // Declaration order is display order; each member registers itself.
  Knob<std::size_t> outbox_bytes_max{*this,
                                     {.name = "outbox_bytes_max",
                                      .unit = "bytes",
                                      .help = "How far a slow client may fall behind before it is resynced.",
                                      .min = 16'384,
                                      .max = 16'777'216,
                                      .initial = 1'048'576}};
  Knob<std::size_t> outbox_soft_bytes{
      *this,
      {.name = "outbox_soft_bytes",
       .unit = "bytes",
       .help = "Past this a slow client is sent no presence. Without effect where it exceeds outbox_bytes_max.",
       .min = 4'096,
       .max = 4'194'304,
       .initial = 65'536}};
  Knob<std::size_t> table_pending_actions_max{
      *this,
      {.name = "table_pending_actions_max",
       .unit = "actions",
       .help = "How many actions of one table may wait for their commit before further ones are refused.",
       .min = 64,
       .max = 65'536,
       .initial = 1'024}};
  Knob<std::size_t> snapshot_every_events{
      *this,
      {.name = "snapshot_every_events",
       .unit = "events",
       .help = "After how many events at most a table's state is saved whole, which bounds what a load must replay.",
       .min = 50,
       .max = 100'000,
       .initial = 2'000}};
  Knob<std::chrono::milliseconds> table_idle_unload{*this,
                                                    {.name = "table_idle_unload_ms",
                                                     .unit = "ms",
                                                     .help = "How long a table nobody is connected to stays in memory.",
                                                     .min = 1'000,
                                                     .max = 3'600'000,
                                                     .initial = 60'000}};
  Knob<std::size_t> replay_events_max{
      *this,
      {.name = "replay_events_max",
       .unit = "events",
       .help = "How many recent events a table keeps in memory for those who resume; past it they get a snapshot.",
       .min = 0,
       .max = 65'536,
       .initial = 256}};
  Knob<std::chrono::milliseconds> replay_age_max{
      *this,
      {.name = "replay_age_max_ms",
       .unit = "ms",
       .help = "How old those events may become: who comes back later gets a snapshot.",
       .min = 1'000,
       .max = 3'600'000,
       .initial = 30'000}};
  Knob<std::size_t> journal_batch_rows_max{*this,
                                           {.name = "journal_batch_rows_max",
                                            .unit = "rows",
                                            .help = "How many tables' pending events one commit may carry.",
                                            .min = 1,
                                            .max = 4'096,
                                            .initial = 256}};
  Knob<std::size_t> journal_overlap_rows{
      *this,
      {.name = "journal_overlap_rows",
       .unit = "rows",
       .help = "How many rows must wait before a writer commits them beside another writer's batch, not after it.",
       .min = 1,
       .max = 4'096,
       .initial = 64}};
  Knob<double> session_actions_per_second{*this,
                                          {.name = "session_actions_per_second",
                                           .unit = "actions/s",
                                           .help = "The sustained rate of actions one connection may send.",
                                           .min = 1,
                                           .max = 10'000,
                                           .initial = 100}};
  Knob<double> session_actions_burst{
      *this,
      {.name = "session_actions_burst",
       .unit = "actions",
       .help = "How many actions one connection may send at once before the rate applies.",
       .min = 1,
       .max = 10'000,
       .initial = 200}};
  Knob<double> session_presence_per_second{
      *this,
      {.name = "session_presence_per_second",
       .unit = "messages/s",
       .help = "The rate of presence messages one connection may send; what exceeds it is dropped.",
       .min = 1,
       .max = 1'000,
       .initial = 60}};
  Knob<std::chrono::milliseconds> presence_window{
      *this,
      {.name = "presence_window_ms",
       .unit = "ms",
       .help = "How long presence waits for more of its table, if some has just left; anything else takes it along.",
       .min = 0,
       .max = 100,
       .initial = 20}};
  Knob<double> presence_batch{
      *this,
      {.name = "presence_batch_messages",
       .unit = "messages",
       .help = "How many presence messages of one table are gathered at most: none waits for longer than they take.",
       .min = 1,
       .max = 64,
       .initial = 64}};
  Knob<double> presence_batch_least{
      *this,
      {.name = "presence_batch_least_messages",
       .unit = "messages",
       .help = "What presence_batch_messages counts as at least; the tuner raises it while the I/O threads are behind.",
       .min = 1,
       .max = 64,
       .initial = 1}};
  Knob<double> presence_budget_share{
      *this,
      {.name = "presence_budget_share",
       .unit = "share",
       .help = "Which part of what actions leave of latency_objective_ms presence may wait for, where the tuner acts.",
       .min = 0.1,
       .max = 0.5,
       .initial = 0.5}};
  Knob<std::chrono::microseconds> presence_allowance{
      *this,
      {.name = "presence_allowance_us",
       .unit = "us",
       .help = "How long presence may wait at most, beside presence_window_ms; the tuner turns it every second.",
       .min = 0,
       .max = 100'000,
       .initial = 100'000}};
  Knob<double> presence_gather_min{
      *this,
      {.name = "presence_gather_min_messages",
       .unit = "messages",
       .help = "Presence waits only at tables where so many messages come within a window; 0 for at all.",
       .min = 0,
       .max = 16,
       .initial = 0}};
  Knob<std::chrono::milliseconds> latency_objective{
      *this,
      {.name = "latency_objective_ms",
       .unit = "ms",
       .help = "What the p99 of actions and of presence is to be at most; what is beyond it is priced by the tuner.",
       .min = 1,
       .max = 10'000,
       .initial = 50}};
  Knob<std::chrono::milliseconds> ping_interval{
      *this,
      {.name = "ping_interval_ms",
       .unit = "ms",
       .help = "How long a connection may be silent before it is pinged; after another such time it is closed.",
       .min = 1'000,
       .max = 300'000,
       .initial = 25'000}};
  Knob<std::chrono::milliseconds> relay_greeting{
      *this,
      {.name = "relay_greeting_ms",
       .unit = "ms",
       .help = "How often instances at one table assure each other that they are there. One that was not heard for two "
               "and a half times as long is gone, and with it the people connected to it.",
       .min = 100,
       .max = 60'000,
       .initial = 10'000}};
  Knob<std::chrono::milliseconds> poll_newer{
      *this,
      {.name = "poll_newer_ms",
       .unit = "ms",
       .help = "How often an instance asks for rows that other instances wrote to the tables it has open.",
       .min = 50,
       .max = 60'000,
       .initial = 1'000}};
  Knob<std::chrono::milliseconds> hello_deadline{*this,
                                                 {.name = "hello_deadline_ms",
                                                  .unit = "ms",
                                                  .help = "How long a new connection has for its first message.",
                                                  .min = 500,
                                                  .max = 60'000,
                                                  .initial = 10'000}};
  // A state is good however old, because what came after it is always read; only its memory is to be bounded. That
  // there is none is not remembered: the next load may leave one.
  CacheClassKnobs<"table_state"> cache_table_state{*this,
                                                   {.ttl = std::chrono::minutes(10),
                                                    .bytes_max = 33'554'432,
                                                    .negative_ttl = std::chrono::milliseconds(0),
                                                    .stale_while_revalidate = std::chrono::milliseconds(0)}};
  CacheClassKnobs<"lobby_page"> cache_lobby_page{*this, {.ttl = std::chrono::seconds(2), .bytes_max = 4'194'304}};
  // What never changes once it is written lives long, and is bounded by its memory alone.
  CacheClassKnobs<"history_page"> cache_history_page{*this, {.ttl = std::chrono::minutes(10), .bytes_max = 16'777'216}};
};

}  // namespace tableforge
