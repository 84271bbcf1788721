#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/knobs/knob_set.hpp"
#include "tableforge/metrics/counter.hpp"
#include "tableforge/metrics/family.hpp"
#include "tableforge/metrics/histogram.hpp"
#include "tableforge/metrics/metric_set.hpp"
#include "tableforge/metrics/words.hpp"

namespace tableforge::metrics {

/// Label words that belong to modules which metrics may not include. Whatever is not among them counts as "other".
struct Vocabulary {
  std::vector<std::string_view> ops{};          ///< Operations of the protocol.
  std::vector<std::string_view> error_codes{};  ///< Codes of the protocol's errors.
  std::vector<std::string_view> routes{};       ///< HTTP routes, as templates ("/v1/tables/{id}").
};

struct GatewayMetrics : MetricSet {
  explicit GatewayMetrics(Vocabulary const &vocabulary = {});

  Gauge connections_open{*this, "tableforge_connections_open", "WebSocket connections that are open."};
  Counter connections_accepted{*this, "tableforge_connections_accepted_total", "WebSocket upgrades that succeeded."};
  CounterFamily connections_closed{*this, "tableforge_connections_closed_total", "WebSocket connections that ended.",
                                   Label::of<CloseReason>("reason")};
  Counter frames_in{*this, "tableforge_frames_received_total", "WebSocket frames read."};
  Counter frames_out{*this, "tableforge_frames_sent_total", "WebSocket frames written."};
  Counter bytes_in{*this, "tableforge_received_bytes_total", "Bytes read from WebSockets."};
  Counter bytes_out{*this, "tableforge_sent_bytes_total", "Bytes written to WebSockets."};
  CounterFamily errors;  ///< at(error code)
  CounterFamily bad_input{*this, "tableforge_bad_input_total", "Input refused before it became a message.",
                          Label::of<BadInput>("kind")};
  Counter rate_limited{*this, "tableforge_rate_limited_total", "Messages refused by a connection's rate limit."};
  CounterFamily address_refused{*this, "tableforge_address_refused_total",
                                "Connections, requests and upgrades refused because their address had too many.",
                                Label::of<AddressLimit>("limit")};
  Counter addresses_uncounted{*this, "tableforge_addresses_uncounted_total",
                              "Times an address was let through uncounted because too many others were busy."};
  Gauge addresses_known{*this, "tableforge_addresses_known", "Addresses whose connections and rates are counted."};
  CounterFamily http_requests;  ///< at(route, StatusClass)
  LatencyHistogram http_latency{*this, "tableforge_http_request_seconds", "From a whole request to its response."};
};

struct HostMetrics : MetricSet {
  explicit HostMetrics(Vocabulary const &vocabulary = {});

  CounterFamily actions;  ///< at(op, ActionOutcome)
  LatencyHistogram decide{*this, "tableforge_decide_seconds", "Judging one action."};
  LatencyHistogram commit{*this, "tableforge_commit_seconds", "From handing events to the journal to their commit."};
  LatencyHistogram release{*this, "tableforge_release_seconds",
                           "From reading an action off the socket to releasing what it caused."};
  LatencyHistogram queue_wait{*this, "tableforge_action_wait_seconds", "How long actions waited to be judged."};
  Gauge actions_pending{*this, "tableforge_actions_pending", "Actions judged or waiting, and not yet committed."};
  SizeHistogram outbox_bytes{*this, "tableforge_outbox_bytes", "What an outbox held each time its client was behind."};
  Counter presence_coalesced{*this, "tableforge_presence_coalesced_total",
                             "Presence that a later one of the same turn replaced."};
  Counter presence_held{*this, "tableforge_presence_held_total",
                        "Turns of a table whose presence waited for the end of its window."};
  LatencyHistogram presence_wait{*this, "tableforge_presence_wait_seconds",
                                 "How long the first presence that was held waited for the end of its window."};
  SizeHistogram presence_rate{*this, "tableforge_presence_turns_per_second",
                              "Turns with presence in each second of a table that has some."};
  Counter presence_dropped{*this, "tableforge_presence_dropped_total", "Presence dropped for clients that are slow."};
  Counter resyncs{*this, "tableforge_resyncs_total", "Clients resynced because their outbox was full."};
  Counter slow_closed{*this, "tableforge_slow_closed_total", "Clients closed because they stayed slow."};
  Gauge tables_open{*this, "tableforge_tables_open", "Tables in memory."};
  Counter loads{*this, "tableforge_table_loads_total", "Tables loaded."};
  Counter loads_failed{*this, "tableforge_table_loads_failed_total", "Tables that could not be loaded."};
  LatencyHistogram load{*this, "tableforge_table_load_seconds", "Loading a table: snapshot, rows, replay."};
  Counter snapshots{*this, "tableforge_snapshots_total", "Snapshots written."};
  Counter snapshots_failed{*this, "tableforge_snapshots_failed_total", "Snapshots that could not be written."};
  LatencyHistogram snapshot{*this, "tableforge_snapshot_seconds", "Encoding and writing a snapshot."};
  SizeHistogram snapshot_bytes{*this, "tableforge_snapshot_bytes", "The size of a snapshot."};
  CounterFamily resumes{*this, "tableforge_resumes_total", "Clients that were brought up to date at their hello.",
                        Label::of<ResumeMode>("mode")};
  CounterFamily rows_taken{*this, "tableforge_rows_taken_total",
                           "Rows of other instances that tables took in, by how they came.",
                           Label::of<RowSource>("source")};
  Counter rows_unfit{*this, "tableforge_rows_unfit_total",
                     "Rows that came and were of no use: unreadable, behind a gap that stayed, or too many at once."};
  Counter reloads{*this, "tableforge_table_reloads_total",
                  "Times a table read what others wrote because it had lost to them or heard of it."};
};

struct JournalMetrics : MetricSet {
  SizeHistogram batch_rows{*this, "tableforge_journal_batch_rows", "Rows carried by one commit."};
  LatencyHistogram batch{*this, "tableforge_journal_batch_seconds", "One commit, as the writer saw it."};
  LatencyHistogram wait{*this, "tableforge_journal_wait_seconds", "How long appends waited for a writer."};
  CounterFamily appends{*this, "tableforge_journal_appends_total", "Appends that have their final outcome.",
                        Label::of<AppendOutcome>("outcome")};
  Counter retried{*this, "tableforge_journal_retries_total", "Batches that were tried again."};
  Counter unknown{*this, "tableforge_journal_unknown_total", "Batches whose outcome was unknown at first."};
  Gauge in_flight{*this, "tableforge_journal_appends_in_flight", "Appends waiting for their outcome."};
  Gauge available{*this, "tableforge_journal_available", "1 while commits succeed, 0 while they cannot."};
};

struct StorageMetrics : MetricSet {
  LatencyHistogram query{*this, "tableforge_storage_query_seconds", "One query outside the journal."};
  Counter queries_failed{*this, "tableforge_storage_queries_failed_total", "Queries outside the journal that failed."};
  Gauge connections_open{*this, "tableforge_storage_connections_open", "Connections to PostgreSQL."};
  Counter reconnects{*this, "tableforge_storage_reconnects_total", "Connections to PostgreSQL made anew."};
};

struct RedisMetrics : MetricSet {
  HighestGauge breaker_state{*this, "tableforge_redis_breaker_state",
                             "The worst breaker of all connections: 0 closed, 1 half open, 2 open."};
  Gauge connected{*this, "tableforge_redis_connected", "Connections to Redis that are ready."};
  CounterFamily commands{*this, "tableforge_redis_commands_total", "Commands, by what became of them.",
                         Label::of<CommandOutcome>("outcome")};
  Counter reconnects{*this, "tableforge_redis_reconnects_total", "Connections to Redis made anew after a loss."};
  LatencyHistogram latency{*this, "tableforge_redis_command_seconds", "From command to answer."};
  Gauge subscribed{*this, "tableforge_redis_subscribed", "Subscriptions to Redis that are in force."};
  Counter subscriptions_lost{*this, "tableforge_redis_subscriptions_lost_total", "Subscriptions that broke."};
  Counter messages{*this, "tableforge_redis_messages_total", "Messages received on subscribed channels."};
};

struct CacheMetrics : MetricSet {
  CounterFamily hits{*this, "tableforge_cache_hits_total", "Reads answered by a level, negative and stale ones too.",
                     Label::of<CacheClass>("class"), Label::of<CacheLevel>("level")};
  CounterFamily negative_hits{*this, "tableforge_cache_negative_hits_total",
                              "Reads answered by knowing that there is no such thing.", Label::of<CacheClass>("class")};
  CounterFamily stale_served{*this, "tableforge_cache_stale_served_total",
                             "Reads answered past the value's lifetime while it is loaded anew.",
                             Label::of<CacheClass>("class")};
  CounterFamily misses{*this, "tableforge_cache_misses_total", "Reads that this thread's memory could not answer.",
                       Label::of<CacheClass>("class")};
  CounterFamily coalesced{*this, "tableforge_cache_coalesced_total", "Misses that waited for a load already going on.",
                          Label::of<CacheClass>("class")};
  CounterFamily loads{*this, "tableforge_cache_loads_total", "Loads from the origin.", Label::of<CacheClass>("class")};
  CounterFamily loads_failed{*this, "tableforge_cache_loads_failed_total", "Loads from the origin that failed.",
                             Label::of<CacheClass>("class")};
  LatencyFamily load{*this, "tableforge_cache_load_seconds", "One load from the origin.",
                     Label::of<CacheClass>("class")};
  CounterFamily loads_held_back{*this, "tableforge_cache_loads_held_back_total",
                                "Loads not begun because the origin had just failed several times.",
                                Label::of<CacheClass>("class")};
  CounterFamily refreshes{*this, "tableforge_cache_early_refreshes_total",
                          "Loads begun before a value's lifetime was over.", Label::of<CacheClass>("class")};
  CounterFamily refused_fills{*this, "tableforge_cache_refused_fills_total",
                              "Values not kept because a newer one, or a newer invalidation, was known.",
                              Label::of<CacheClass>("class"), Label::of<CacheLevel>("level")};
  CounterFamily overloaded{*this, "tableforge_cache_overloaded_total",
                           "Misses refused because too many loads or waiters were there.",
                           Label::of<CacheClass>("class")};
  CounterFamily invalidations{*this, "tableforge_cache_invalidations_total",
                              "Invalidations by this process, and by others as each thread heard them.",
                              Label::of<CacheClass>("class")};
  Gauge owed{*this, "tableforge_cache_owed_invalidations", "Invalidations that Redis has not taken and is to be told."};
  CounterFamily owed_dropped{*this, "tableforge_cache_owed_dropped_total",
                             "Invalidations that Redis will never be told because too many were owed.",
                             Label::of<CacheClass>("class")};
  CounterFamily evictions{*this, "tableforge_cache_evictions_total", "Values given up for lack of room.",
                          Label::of<CacheClass>("class")};
  GaugeFamily bytes{*this, "tableforge_cache_bytes", "Memory of cached values, keys and overhead, over all threads.",
                    Label::of<CacheClass>("class")};
  GaugeFamily entries{*this, "tableforge_cache_entries", "Cached values, over all threads.",
                      Label::of<CacheClass>("class")};
  Counter flushes{*this, "tableforge_cache_flushes_total",
                  "How often a thread gave up all that can change, because it might have missed an invalidation."};
  CounterFamily remote_trouble{*this, "tableforge_cache_remote_trouble_total",
                               "Uses of the second level that came to nothing, by why.",
                               Label::of<RemoteTrouble>("kind")};
  CounterFamily audits{*this, "tableforge_cache_audits_total",
                       "Values that were served and then compared with the origin, by what came of it.",
                       Label::of<CacheClass>("class"), Label::of<AuditResult>("result")};
  LatencyFamily stale_age{*this, "tableforge_cache_stale_age_seconds",
                          "How long the origin had had a change that an audited value had not seen when it was served.",
                          Label::of<CacheClass>("class")};
  Counter leases_waited{*this, "tableforge_cache_leases_waited_total",
                        "Loads that waited for another instance's load of the same."};
  Counter leases_overrun{*this, "tableforge_cache_leases_overrun_total",
                         "Loads that no longer waited for another instance and went themselves."};
};

struct RelayMetrics : MetricSet {
  CounterFamily sent{*this, "tableforge_relay_sent_total", "Messages told to other instances.",
                     Label::of<RelayKind>("kind")};
  CounterFamily dropped{*this, "tableforge_relay_dropped_total", "Messages not told, because Redis was away or slow.",
                        Label::of<RelayKind>("kind")};
  CounterFamily heard{*this, "tableforge_relay_heard_total", "Messages of other instances.",
                      Label::of<RelayKind>("kind")};
  Counter undecodable{*this, "tableforge_relay_undecodable_total", "Messages that could not be understood."};
  Counter forgotten{*this, "tableforge_relay_instances_forgotten_total",
                    "Times another instance at a table fell silent without a farewell."};
  Counter late{*this, "tableforge_relay_late_total", "Tables loaded before Redis had confirmed that they are heard."};
  Gauge tables{*this, "tableforge_relay_tables", "Tables whose channel is followed."};
  Gauge shared{*this, "tableforge_relay_tables_shared", "Those of them at which another instance is known."};
  LatencyHistogram row_age{*this, "tableforge_relay_row_seconds",
                           "From another instance's telling of a row to our hearing it, by the clocks of both."};
  LatencyHistogram round_trip{*this, "tableforge_relay_round_trip_seconds",
                              "From asking who else is at a table to the first answer, by our clock alone."};
};

struct LobbyMetrics : MetricSet {
  Counter players_created{*this, "tableforge_players_created_total", "Players registered."};
  Counter tables_created{*this, "tableforge_tables_created_total", "Tables created."};
  Counter invitations_created{*this, "tableforge_invitations_created_total", "Invitations issued."};
  Counter invitations_accepted{*this, "tableforge_invitations_accepted_total", "Invitations accepted."};
  Counter tokens_refused{*this, "tableforge_tokens_refused_total", "Tokens that were forged, malformed or expired."};
};

struct RuntimeMetrics : MetricSet {
  LatencyHistogram turn{*this, "tableforge_shard_turn_seconds", "One turn of an I/O thread without its wait."};
  Counter tasks_failed{*this, "tableforge_tasks_failed_total", "Tasks that ended by an exception."};
  Gauge pool_depth{*this, "tableforge_pool_queue_depth", "Blocking calls that wait for a thread."};
  LatencyHistogram pool_wait{*this, "tableforge_pool_wait_seconds", "How long blocking calls waited for a thread."};
  Counter pool_rejected{*this, "tableforge_pool_rejected_total", "Blocking calls refused because the queue was full."};
  Counter pool_timeouts{*this, "tableforge_pool_timeouts_total", "Blocking calls given up at their deadline."};
};

struct TunerMetrics : MetricSet {
  CounterFamily trials{*this, "tableforge_tuner_trials_total", "Trials that have ended, by their verdict.",
                       Label::of<TunerDomain>("domain"), Label::of<TrialVerdict>("verdict")};
  RealGaugeFamily predicted_gain{*this, "tableforge_tuner_predicted_gain",
                                 "The share of the cost that the latest trial was expected to save.",
                                 Label::of<TunerDomain>("domain")};
  RealGaugeFamily realised_gain{*this, "tableforge_tuner_realised_gain",
                                "The share of the cost that the latest trial which measured something saved.",
                                Label::of<TunerDomain>("domain")};
  CounterFamily rollbacks{*this, "tableforge_tuner_rollbacks_total", "Trials that were taken back, by their verdict.",
                          Label::of<TunerDomain>("domain"), Label::of<TrialVerdict>("reason")};
  LatencyHistogram rollback{*this, "tableforge_tuner_rollback_seconds", "Giving a knob its old value back."};
  CounterFamily reversals{*this, "tableforge_tuner_reversals_total",
                          "Kept steps that went the other way than the one before.", Label::of<TunerDomain>("domain")};
  GaugeFamily frozen{*this, "tableforge_tuner_frozen",
                     "Knobs that turned round too often and are left alone for a day.",
                     Label::of<TunerDomain>("domain")};
  GaugeFamily pinned{*this, "tableforge_tuner_pinned", "Knobs that an operator has pinned.",
                     Label::of<TunerDomain>("domain")};
  GaugeFamily trying{*this, "tableforge_tuner_trials_in_progress", "Trials that go on now.",
                     Label::of<TunerDomain>("domain")};
  Gauge breach{*this, "tableforge_tuner_breach", "1 while answers take longer than their objective."};
  Gauge leased{*this, "tableforge_tuner_leased_knobs", "Knobs that were turned for a while because of that."};
  CounterFamily moves{*this, "tableforge_tuner_reactive_moves_total", "Knobs turned for a while, by the slow stage.",
                      Label::of<Stage>("stage")};
  Gauge spooled{*this, "tableforge_tuner_spooled_lines", "Lines of the record that wait for PostgreSQL."};
  SecondsCounter cpu{*this, "tableforge_tuner_cpu_seconds_total",
                     "CPU time of the tuner's own thread, what it asks of other threads not included."};
};

struct ServerMetrics : MetricSet {
  Gauge ready{*this, "tableforge_ready", "1 while /readyz says so: neither starting nor draining."};
  Gauge postgres_up{*this, "tableforge_postgres_up", "1 while PostgreSQL answers the look of once a second."};
  GaugeFamily secret_written{*this, "tableforge_secret_written_timestamp_seconds",
                             "When the file that a secret came from was written, since the epoch; 0 for no file.",
                             Label::of<SecretName>("secret")};
  Counter log_suppressed{*this, "tableforge_log_lines_suppressed_total",
                         "Log lines left out because their like came too often."};
  Counter log_lost{*this, "tableforge_log_lines_lost_total", "Log lines lost because nobody read them."};
};

struct BuildInfo {
  std::string version{};
  std::string revision{};
};

/// Every metric of the process, each declared once.
///
/// Tests make a fresh one, or just the slice they need. No label carries a table, a player or anything else unbounded.
///
/// Threads: any.
/// Owns:    all metrics; it outlives everything that was given a slice.
struct Catalogue {
  explicit Catalogue(Vocabulary const &vocabulary = {}, BuildInfo build_info = {});

  GatewayMetrics gateway;
  HostMetrics host;
  JournalMetrics journal;
  StorageMetrics storage;
  RedisMetrics redis;
  CacheMetrics cache;
  RelayMetrics relay;
  LobbyMetrics lobby;
  RuntimeMetrics runtime;
  TunerMetrics tuner;
  ServerMetrics server;
  BuildInfo build;

  [[nodiscard]] std::vector<MetricSet const *> sets() const;

  /// All of it in Prometheus' text format, with the process's own numbers, and `tableforge_knob{name=}` for the
  /// knobs given. Reads /proc; takes about a millisecond, so call it from no loop.
  [[nodiscard]] std::string text(KnobSet const *knobs = nullptr) const;
};

}  // namespace tableforge::metrics
