#include "tableforge/storage/postgres_tuner_record.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "tableforge/base/json_fields.hpp"
#include "tableforge/log/log.hpp"

#include "storage/connections.hpp"
#include "storage/row_values.hpp"
#include "storage/spool_file.hpp"

namespace tableforge::storage {

namespace {

using Json = nlohmann::json;

// Each of the three may be asked twice, and a spool may be written again after a crash.
constexpr Statement kTunerAppend{
    "tuner_append",
    "insert into tuner_action (id, state, instance, domain, at, changes, cohort, trigger, mode,"
    " predicted_gain, realised_gain, evidence, verdict, reason, undo, config_hash)"
    " values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8, $9, $10::double precision,"
    " nullif($11, '')::double precision, nullif($12, '')::jsonb, nullif($13, ''), $14, $15, $16)"
    " on conflict (id, state) do nothing"};
constexpr Statement kTunerRemember{
    "tuner_remember",
    "insert into tuner_knob_state (instance, domain, knob, kept, pinned, memory)"
    " values ($1, $2, $3, nullif($4, '')::double precision, nullif($5, '')::double precision, $6::jsonb)"
    " on conflict (instance, domain, knob) do update"
    " set kept = excluded.kept, pinned = excluded.pinned, memory = excluded.memory"};
constexpr Statement kTunerNote{"tuner_note",
                               "insert into tuner_observation (instance, domain, since, until, cost)"
                               " values ($1, $2, $3, $4, $5::jsonb) on conflict do nothing"};

/// Their order is that of Line::What.
constexpr std::array<Statement const *, 3> kTunerWrites{&kTunerAppend, &kTunerRemember, &kTunerNote};
constexpr std::array<std::size_t, 3> kTunerParameters{16, 6, 5};

#define TF_ACTION_COLUMNS                                                                             \
  "a.id, a.state, a.domain, (extract(epoch from a.at) * 1000000)::bigint, a.changes::text, a.cohort," \
  " a.trigger, a.mode, a.predicted_gain::text, a.realised_gain::text, a.evidence::text, a.verdict,"   \
  " a.reason, a.undo, a.config_hash"
constexpr Statement kTunerUnfinished{
    "tuner_unfinished", "select " TF_ACTION_COLUMNS
                        " from tuner_action a where a.instance = $1 and a.domain = $2 and a.state = 'trial'"
                        " and not exists (select from tuner_action b where b.id = a.id and b.state <> 'trial')"
                        " order by a.at"};
constexpr Statement kTunerHistory{"tuner_history",
                                  "select " TF_ACTION_COLUMNS
                                  " from tuner_action a where a.instance = $1 order by a.at desc, a.state limit $2"};
#undef TF_ACTION_COLUMNS
constexpr Statement kTunerRecall{"tuner_recall",
                                 "select knob, kept::text, pinned::text, memory::text from tuner_knob_state"
                                 " where instance = $1 and domain = $2"};

struct Plain {
  void operator()(JsonWriter &, Plain const &) const {}  // No type of the record wants a form of its own.
};

template <class T>
std::string json_of(T const &value) {
  std::string text;
  JsonWriter writer(text);
  write_json(writer, value, Plain{});
  return text;
}

/// As JSON writes it: the shortest that reads back as the same.
std::string number_text(double value) {
  std::string text;
  JsonWriter(text).number(value);
  return text;
}

std::string number_text(std::optional<double> value) { return value ? number_text(*value) : std::string(); }

std::string hash_text(std::uint64_t hash) {
  std::array<char, 16> digits{};
  auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16).ptr;
  return {digits.data(), end};
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0;
  std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  return hash;
}

std::optional<double> number_of(pqxx::field const &field) {
  if (field.is_null()) return std::nullopt;
  auto const text = text_of(field);
  double number = 0;
  auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string text_or_nothing(pqxx::field const &field) {
  return field.is_null() ? std::string() : std::string(text_of(field));
}

// The two that follow throw what nlohmann throws.

std::vector<tuner::Change> changes_of(std::string_view text) {
  std::vector<tuner::Change> changes;
  for (auto const &each : Json::parse(text)) {
    changes.push_back({.knob = each.at("knob"), .from = each.at("from"), .to = each.at("to")});
  }
  return changes;
}

tuner::KnobMemory memory_of(std::string_view text) {
  auto const json = Json::parse(text);
  auto const ladder_of = [](Json const &each) {
    return tuner::Ladder{.rest = each.at("rest"), .next_rest = each.at("next_rest")};
  };
  tuner::KnobMemory memory;
  memory.decisions = json.at("decisions").get<std::vector<int>>();
  memory.down = ladder_of(json.at("down"));
  memory.up = ladder_of(json.at("up"));
  memory.frozen_until = parse_rfc3339(json.at("frozen_until").get<std::string>()).value_or(Time{});
  memory.reversals = json.at("reversals");
  return memory;
}

Result<tuner::Action> action_of(pqxx::row const &row) {
  tuner::Action action;
  auto const state = from_word<tuner::ActionState>(text_of(row[1]));
  auto const trigger = from_word<tuner::Trigger>(text_of(row[6]));
  auto const mode = from_word<tuner::Mode>(text_of(row[7]));
  if (!state || !trigger || !mode) return fail(Errc::corrupt, "a line of the tuner's record cannot be read");
  action.id = uuid_of(row[0]);
  action.state = *state;
  action.domain = text_of(row[2]);
  action.at = time_of(row[3]);
  action.cohort = text_of(row[5]);
  action.trigger = *trigger;
  action.mode = *mode;
  action.predicted_gain = number_of(row[8]).value_or(0);
  action.realised_gain = number_of(row[9]);
  action.evidence = text_or_nothing(row[10]);
  if (!row[11].is_null()) action.verdict = from_word<tuner::Verdict>(text_of(row[11]));
  action.reason = text_of(row[12]);
  action.undo = text_of(row[13]);
  action.config_hash = hash_of(text_of(row[14]));
  try {
    action.changes = changes_of(text_of(row[4]));
  } catch (Json::exception const &) {
    return fail(Errc::corrupt, "a line of the tuner's record cannot be read");
  }
  return action;
}

Result<std::vector<tuner::Action>> actions_of(pqxx::result const &found) {
  std::vector<tuner::Action> actions;
  for (auto const &row : found) {
    auto action = action_of(row);
    if (!action) return std::unexpected(action.error());
    actions.push_back(std::move(*action));
  }
  return actions;
}

bool is_away(Error const &error) {
  return error.code == Errc::unavailable || error.code == Errc::timeout || error.code == Errc::overloaded ||
         error.code == Errc::cancelled;
}

}  // namespace

/// What one write says: a statement of the three, and its parameters.
struct PostgresTunerRecord::Line {
  enum class What : std::uint8_t { action, knob_state, observation };
  What what;
  std::vector<std::string> row;

  [[nodiscard]] std::string text() const {
    return Json{{"what", static_cast<int>(what)}, {"row", row}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  /// Nothing for what text() did not make.
  static std::optional<Line> parse(std::string const &text) {
    auto const json = Json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("what") || !json.contains("row")) return std::nullopt;
    try {
      auto const what = json.at("what").get<std::size_t>();
      Line line{.what = static_cast<What>(what), .row = json.at("row").get<std::vector<std::string>>()};
      if (what >= kTunerWrites.size() || line.row.size() != kTunerParameters[what]) return std::nullopt;
      return line;
    } catch (Json::exception const &) {
      return std::nullopt;
    }
  }
};

PostgresTunerRecord::PostgresTunerRecord(ConnectionPool &pool, Options options)
    : pool_(pool),
      instance_(std::move(options.instance)),
      spool_(std::make_unique<SpoolFile>(std::move(options.spool), options.spool_bytes_max)) {}

PostgresTunerRecord::~PostgresTunerRecord() = default;

std::size_t PostgresTunerRecord::spooled() const { return spool_->lines().size(); }

Result<void> PostgresTunerRecord::write(Line const &line) {
  auto const what = static_cast<std::size_t>(line.what);
  return pool_.connections().ask(kTunerWrites[what]->name, [&](Connection &session) -> Result<void> {
    session.run(*kTunerWrites[what], line.row);
    return {};
  });
}

Result<void> PostgresTunerRecord::settle() {
  if (spool_->empty()) return {};
  for (std::string const &text : spool_->lines()) {
    auto const line = Line::parse(text);
    if (!line) {
      log::error("a line of the tuner's spool cannot be read, and is left out");
      continue;
    }
    if (auto written = write(*line); !written) {
      if (is_away(written.error())) return written;
      log::error("a line of the tuner's spool is refused, and is left out", {{"why", written.error()}});
    }
  }
  log::info("what the tuner spooled is written", {{"lines", spool_->lines().size()}});
  spool_->clear();
  return {};
}

Result<void> PostgresTunerRecord::write_or_spool(Line const &line) {
  // In their order: what is spooled goes first.
  auto written = settle();
  if (written) written = write(line);
  if (written || !is_away(written.error())) return written;
  return spool_->add(line.text());
}

Result<void> PostgresTunerRecord::append(tuner::Action const &action) {
  Line const line{
      .what = Line::What::action,
      .row = {action.id.text(), std::string(word(action.state)), instance_, action.domain, to_rfc3339(action.at),
              json_of(action.changes), action.cohort, std::string(word(action.trigger)), std::string(word(action.mode)),
              number_text(action.predicted_gain), number_text(action.realised_gain), action.evidence,
              action.verdict ? std::string(word(*action.verdict)) : std::string(), action.reason, action.undo,
              hash_text(action.config_hash)}};
  if (action.state != tuner::ActionState::trial) return write_or_spool(line);
  if (auto settled = settle(); !settled) return settled;
  return write(line);
}

Result<void> PostgresTunerRecord::remember(tuner::KnobState const &state) {
  return write_or_spool({.what = Line::What::knob_state,
                         .row = {instance_, state.domain, state.knob, number_text(state.kept),
                                 number_text(state.pinned), json_of(state.memory)}});
}

Result<void> PostgresTunerRecord::note(std::string_view domain, tuner::Observation const &observation) {
  return write_or_spool({.what = Line::What::observation,
                         .row = {instance_, std::string(domain), to_rfc3339(observation.since),
                                 to_rfc3339(observation.until), json_of(observation.cost)}});
}

Result<std::vector<tuner::Action>> PostgresTunerRecord::unfinished(std::string_view domain) {
  if (auto settled = settle(); !settled) return std::unexpected(settled.error());
  return pool_.connections().ask("tuner_unfinished", [&](Connection &session) {
    return actions_of(session.run(kTunerUnfinished, {instance_, std::string(domain)}));
  });
}

Result<std::vector<tuner::KnobState>> PostgresTunerRecord::recall(std::string_view domain) {
  if (auto settled = settle(); !settled) return std::unexpected(settled.error());
  return pool_.connections().ask("tuner_recall", [&](Connection &session) -> Result<std::vector<tuner::KnobState>> {
    std::vector<tuner::KnobState> states;
    for (auto const &row : session.run(kTunerRecall, {instance_, std::string(domain)})) {
      tuner::KnobState state{.domain = std::string(domain), .knob = std::string(text_of(row[0]))};
      state.kept = number_of(row[1]);
      state.pinned = number_of(row[2]);
      try {
        state.memory = memory_of(text_of(row[3]));
      } catch (Json::exception const &) {
        return fail(Errc::corrupt, "what is remembered of a knob cannot be read");
      }
      states.push_back(std::move(state));
    }
    return states;
  });
}

Result<std::vector<tuner::Action>> PostgresTunerRecord::history(std::size_t limit) {
  return pool_.connections().ask("tuner_history", [&](Connection &session) {
    return actions_of(session.run(kTunerHistory, {instance_, std::to_string(limit)}));
  });
}

}  // namespace tableforge::storage
