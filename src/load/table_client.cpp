#include "load/table_client.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tableforge/base/uuid.hpp"
#include "tableforge/runtime/timer.hpp"

#include "load/trouble.hpp"

namespace tableforge::load {

namespace asio = boost::asio;

namespace {

constexpr std::string_view kSubprotocol = "tableforge.v1+json";
constexpr std::size_t kMessageBytesMax = 64 * 1024 * 1024;
// The server pings a quiet connection; this is several of its pings.
constexpr std::chrono::seconds kSilenceMax{120};
constexpr std::chrono::milliseconds kBackoffMin{20};
constexpr std::chrono::milliseconds kBackoffMax{1'000};
constexpr std::chrono::milliseconds kRetryDefault{50};
// Every so many connections, a viewer comes back in a way that only a snapshot can answer.
constexpr std::uint64_t kForgetfulEach = 4;
constexpr Seq kBeyondHead = 1'000'000;
constexpr std::chrono::seconds kGoodbyeMax{2};

std::size_t hash_of(Json const &event) { return std::hash<std::string>{}(event.dump()); }

std::chrono::milliseconds retry_after(Json const &error) {
  auto const details = error.find("details");
  if (details == error.end() || !details->contains("retry_after_ms")) return kRetryDefault;
  return std::chrono::milliseconds(details->at("retry_after_ms").get<std::int64_t>());
}

}  // namespace

TableClient::TableClient(asio::any_io_executor executor, ViewerIdentity identity, LeakScanner scanner,
                         Findings &findings, FrameRecorder *recorder)
    : executor_(executor),
      identity_(std::move(identity)),
      scanner_(std::move(scanner)),
      findings_(findings),
      recorder_(recorder),
      signal_(executor),
      model_(identity_.player),
      client_(Uuid::random().text()) {}

void TableClient::start(std::optional<Seq> from) {
  resume_ = from;
  asio::co_spawn(executor_, run(shared_from_this()), asio::detached);
}

asio::awaitable<void> TableClient::stop() {
  stopping_ = true;
  if (connection_) connection_->close(ws::kCloseNormal);
  auto const deadline = Clock::now() + kGoodbyeMax;
  while (running_ && Clock::now() < deadline) co_await signal_.wait(deadline);
  if (connection_) connection_->cut(WsClient::Cut::fin);
}

void TableClient::mismatch(std::string const &what) { findings_.mismatch(identity_.name + ": " + what); }

void TableClient::give_up(std::string why) {
  if (trouble_.empty()) trouble_ = identity_.name + ": " + std::move(why);
  signal_.notify();
}

asio::awaitable<void> TableClient::run(std::shared_ptr<TableClient> self) {
  auto &client = *self;
  client.running_ = true;
  auto backoff = kBackoffMin;
  auto without_welcome_since = Clock::now();
  while (!client.stopping_ && client.trouble_.empty()) {
    auto connection = WsClient::create(client.executor_, kMessageBytesMax);
    client.connection_ = connection;
    client.cut_ = false;
    client.welcomed_ = false;
    ++client.connection_number_;
    auto ending = Ending::never;
    try {
      ending = co_await client.hold_connection(connection);
    } catch (std::exception const &error) {
      client.give_up(error.what());
    }
    connection->cut(WsClient::Cut::fin);
    bool const was_welcomed = std::exchange(client.welcomed_, false);
    client.signal_.notify();
    if (client.stopping_ || ending == Ending::never) break;
    if (was_welcomed) {
      without_welcome_since = Clock::now();
      backoff = kBackoffMin;
    } else if (Clock::now() - without_welcome_since > client.identity_.deadline) {
      client.give_up("the server could not be reached for too long");
      break;
    }
    if (!client.cut_ && was_welcomed) ++client.findings_.counts.losses;
    if (ending == Ending::later) {
      co_await runtime::sleep_for(std::max(backoff, std::exchange(client.retry_after_, {})));
      backoff = std::min(backoff * 2, kBackoffMax);
    }
  }
  client.running_ = false;
  client.signal_.notify();
}

asio::awaitable<TableClient::Ending> TableClient::hold_connection(std::shared_ptr<WsClient> connection) {
  auto const connected = co_await connection->connect(identity_.server, "/v1/tables/" + identity_.table + "/ws",
                                                      std::string(kSubprotocol), identity_.deadline);
  if (!connected) {
    bool const passing = connected.error().code == Errc::unavailable || connected.error().code == Errc::timeout;
    if (!passing) give_up(std::string(connected.error().text));
    co_return !passing ? Ending::never : cut_ ? Ending::again : Ending::later;
  }
  send_hello();
  for (;;) {
    auto const received = co_await connection->receive(kSilenceMax);
    if (!received) {
      if (received.error().code == Errc::invalid) {
        mismatch(std::string(received.error().text));
        give_up(std::string(received.error().text));
        co_return Ending::never;
      }
      co_return cut_ ? Ending::again : Ending::later;
    }
    if (received->close) co_return closed(*received->close);
    take_frame(received->text);
  }
}

TableClient::Ending TableClient::closed(ws::CloseCode code) {
  if (stopping_) return Ending::never;
  bool const come_back = (code >= 4000 && code <= 4499) || code == ws::kCloseGoingAway || code == ws::kCloseNormal ||
                         code == ws::kCloseInternalError || code == ws::kCloseNoStatus;
  if (come_back) return Ending::later;
  give_up("the server closed the connection with " + std::to_string(code));
  return Ending::never;
}

void TableClient::send_hello() {
  if (last_) resume_ = last_;
  beyond_head_ = false;
  if (last_ && !model_.known()) {
    // A model that waits for a state must not wait for one that got lost with a connection.
    resume_.reset();
  } else if (last_ && connection_number_ % kForgetfulEach == 0) {
    // A seq that the table has not reached stands for a past that the server has forgotten.
    resume_ = *last_ + kBeyondHead;
    beyond_head_ = true;
  }
  Json hello{{"op", "hello"}, {"token", identity_.token}, {"client", client_}};
  if (resume_) hello["resume"] = {{"seq", *resume_}};
  if (recorder_ != nullptr) recorder_->sent(identity_.name, hello);
  connection_->send(hello.dump());
}

void TableClient::transmit(Pending &pending) {
  pending.sent = true;
  if (recorder_ != nullptr) recorder_->sent(identity_.name, Json::parse(pending.text));
  connection_->send(pending.text);
}

void TableClient::send_presence(Json data) {
  if (!welcomed_) return;
  Json const message{{"op", "presence"}, {"data", std::move(data)}};
  if (recorder_ != nullptr) recorder_->sent(identity_.name, message);
  connection_->send(message.dump());
}

void TableClient::cut(WsClient::Cut how) {
  if (!connection_ || !connection_->open()) return;
  ++findings_.counts.cuts;
  cut_ = true;
  connection_->cut(how);
}

void TableClient::cut_after(std::chrono::microseconds moment, WsClient::Cut how) {
  if (moment.count() == 0) {
    cut(how);
    return;
  }
  auto timer = std::make_shared<asio::steady_timer>(executor_, moment);
  timer->async_wait([timer, how, weak = weak_from_this()](boost::system::error_code) {
    auto const self = weak.lock();
    if (self && !self->stopping_) self->cut(how);
  });
}

asio::awaitable<void> TableClient::await(std::function<bool()> condition, std::string what) {
  auto const deadline = Clock::now() + identity_.deadline;
  for (;;) {
    if (!trouble_.empty()) throw Trouble(trouble_);
    if (condition()) co_return;
    if (Clock::now() >= deadline) throw Trouble(identity_.name + ": " + what + " in time");
    co_await signal_.wait(deadline);
  }
}

asio::awaitable<void> TableClient::welcomed() {
  co_await await([this] { return welcomed_ && last_ && model_.known(); }, "no welcome with what belongs to it came");
}

asio::awaitable<void> TableClient::reached(Seq seq) {
  co_await await([this, seq] { return last_ && *last_ >= seq && model_.known(); },
                 "the event " + std::to_string(seq) + " did not come");
}

void TableClient::play(Trick trick, Pending &pending, std::chrono::microseconds moment) {
  auto const how = moment.count() % 2 == 0 ? WsClient::Cut::fin : WsClient::Cut::reset;
  switch (trick) {
    case Trick::none:
    case Trick::send_again: transmit(pending); break;
    case Trick::send_twice:
      transmit(pending);
      transmit(pending);
      ++findings_.counts.repeats;
      break;
    case Trick::cut_before: cut(how); break;
    case Trick::cut_within:
      pending.sent = true;
      ++findings_.counts.cuts;
      cut_ = true;
      connection_->send_torn(pending.text);
      break;
    case Trick::cut_after:
      transmit(pending);
      cut(how);
      break;
    case Trick::cut_soon:
      transmit(pending);
      cut_after(moment, how);
      break;
  }
}

asio::awaitable<Answer> TableClient::act(std::string op, Json data, Json condition, Trick trick,
                                         std::chrono::microseconds moment) {
  auto const pending = std::make_shared<Pending>();
  pending->id = "a-" + std::to_string(++action_);
  Json message{{"id", pending->id}, {"op", op}, {"data", std::move(data)}};
  if (!condition.is_null()) message["if"] = std::move(condition);
  pending->text = message.dump();
  pending->disturbed = trick != Trick::none || !welcomed_;
  pending->sent_at = Clock::now();
  pending_.emplace(pending->id, pending);

  auto connection = connection_number_;
  if (welcomed_) {
    play(trick, *pending, moment);
  } else {
    // There is nothing to play with: the action leaves with the next welcome.
    trick = Trick::none;
  }
  co_await await([&pending = *pending] { return pending.answer.has_value(); }, "no answer to " + op + " came");
  if (trick == Trick::send_again && welcomed_ && pending->answer->accepted()) {
    connection = connection_number_;
    ++findings_.counts.repeats;
    transmit(*pending);
  }
  bool const repeated = trick == Trick::send_twice || trick == Trick::send_again;
  if (repeated && pending->answer->accepted()) {
    co_await await(
        [this, connection, &pending = *pending] {
          return pending.copies >= 2 || connection_number_ != connection || !welcomed_;
        },
        "the second " + op + " was not answered");
  }
  pending_.erase(pending->id);
  co_return std::move(*pending->answer);
}

void TableClient::take_frame(std::string_view text) {
  auto const frame = Json::parse(text);
  if (recorder_ != nullptr) recorder_->received(identity_.name, frame);
  scan_bytes(text, frame);
  if (frame.is_array()) {
    for (auto const &message : frame) take_message(message);
  } else {
    take_message(frame);
  }
  signal_.notify();
}

void TableClient::scan(Json const &message, Seq seq) {
  for (auto const &leak : scanner_.scan(message, seq)) findings_.leak(identity_.name + ": " + leak);
}

void TableClient::inspect(std::string_view bytes, Json const &parsed, Seq seq) {
  scan_bytes(bytes, parsed);
  scan(parsed, seq);
}

void TableClient::scan_bytes(std::string_view bytes, Json const &parsed) {
  findings_.counts.bytes += bytes.size();
  for (auto const &leak : LeakScanner::scan_bytes(bytes, parsed)) findings_.leak(identity_.name + ": " + leak);
}

void TableClient::take_message(Json const &message) {
  auto const &ev = message.at("ev").get_ref<std::string const &>();
  bool const has_seq = message.contains("seq");
  auto const seq = has_seq ? message.at("seq").get<Seq>() : last_.value_or(0);
  scan(message, seq);
  if (ev == "welcome") {
    take_welcome(message);
  } else if (ev == "resync") {
    if (last_ && seq < *last_) mismatch("a resync goes back to seq " + std::to_string(seq));
    take_state(message.at("state"), seq, "the resync");
  } else if (ev == "error") {
    take_error(message);
  } else if (ev == "goodbye") {
    if (message.contains("retry_after_ms")) {
      retry_after_ = std::chrono::milliseconds(message.at("retry_after_ms").get<std::int64_t>());
    }
  } else if (ev == "presence") {
    auto const &data = message.at("data");
    if (data.contains("online")) model_.note_online(message.at("by"), data.at("online").get<bool>());
  } else if (has_seq) {
    take_event(message);
  } else {
    mismatch("a message of unknown kind: " + ev);
  }
}

void TableClient::take_welcome(Json const &welcome) {
  auto const seq = welcome.at("seq").get<Seq>();
  auto const &mode = welcome.at("mode").get_ref<std::string const &>();
  if (welcome.at("you").at("player") != identity_.player) mismatch("the welcome is somebody else's");
  bool const snapshot = mode == "snapshot";
  if (!snapshot && (!resume_ || beyond_head_)) mismatch("a replay that was not asked for");
  if (snapshot != welcome.contains("state")) mismatch("the welcome's mode and state do not fit");
  if (last_ && seq < *last_) {
    mismatch("the table went back to seq " + std::to_string(seq) + " after " + std::to_string(*last_) + " was seen");
  }
  if (resume_) ++(snapshot ? findings_.counts.resumes_snapshot : findings_.counts.resumes_replay);
  if (snapshot) {
    take_state(welcome.at("state"), seq, "the welcome");
  } else if (!last_) {
    last_ = resume_.value_or(0);
  }
  resume_ = last_;
  welcomed_ = true;
  for (auto &[id, pending] : pending_) {
    if (pending->answer) continue;
    pending->disturbed = true;
    if (pending->sent) ++findings_.counts.resends;
    transmit(*pending);
  }
}

void TableClient::take_state(Json const &state, Seq seq, std::string const &where) {
  if (last_ && *last_ == seq && model_.known()) {
    ++findings_.counts.comparisons;
    if (auto const difference = model_.difference(state)) mismatch("in " + where + ", " + *difference);
  }
  model_.load(state, seq);
  last_ = std::max(last_.value_or(0), seq);
  resume_ = last_;
}

void TableClient::take_event(Json const &event) {
  ++findings_.counts.deliveries;
  auto const seq = event.at("seq").get<Seq>();
  if (!last_) throw Trouble("an event came before the welcome");
  if (seq <= *last_) {
    take_repeat(event, seq);
  } else {
    if (seq != *last_ + 1) {
      mismatch("after seq " + std::to_string(*last_) + " came " + std::to_string(seq));
      start_over();
    }
    last_ = seq;
    resume_ = last_;
    seen_.emplace(seq, hash_of(event));
    // The model of a viewer who waits for a resync would contradict every event until it comes.
    if (model_.known() || model_.state().is_null()) {
      try {
        model_.apply(event);
      } catch (std::exception const &error) {
        mismatch("event " + std::to_string(seq) + ": " + error.what());
        start_over();
      }
    }
    retire_ids();
  }
  if (is_own(event)) note_answer(event);
}

void TableClient::start_over() {
  model_.doubt();
  cut_ = true;
  connection_->cut(WsClient::Cut::fin);
}

void TableClient::retire_ids() {
  for (auto &piece : model_.take_retired()) scanner_.retire(std::move(piece), *last_);
}

void TableClient::take_repeat(Json const &event, Seq seq) {
  if (!is_own(event)) mismatch("seq " + std::to_string(seq) + " came again though this viewer did not ask for it");
  auto const [at, first] = seen_.emplace(seq, hash_of(event));
  if (!first && at->second != hash_of(event)) mismatch("seq " + std::to_string(seq) + " came again as another event");
}

void TableClient::inspect_history(std::string_view bytes, Json const &page, Seq from) {
  scan_bytes(bytes, page);
  for (auto const &event : page.at("events")) {
    auto const seq = event.at("seq").get<Seq>();
    if (seq != from++) mismatch("history has a gap before seq " + std::to_string(seq));
    scan(event, seq);
    auto const at = seen_.find(seq);
    if (at != seen_.end() && at->second != hash_of(event)) {
      mismatch("history tells seq " + std::to_string(seq) + " otherwise than it came");
    }
  }
}

bool TableClient::is_own(Json const &event) const {
  auto const client = event.find("client");
  return client != event.end() && *client == client_;
}

void TableClient::note_answer(Json const &event) {
  auto const seq = event.at("seq").get<Seq>();
  auto const &id = event.at("id").get_ref<std::string const &>();
  auto const [answered, first] = answered_.try_emplace(id, seq);
  if (!first && !answered->second) mismatch("a refused action took effect at " + std::to_string(seq));
  if (!first && answered->second && *answered->second != seq) {
    mismatch("one action took effect twice, at " + std::to_string(*answered->second) + " and " + std::to_string(seq));
  }
  auto const at = pending_.find(id);
  if (at == pending_.end()) return;
  auto &pending = *at->second;
  ++pending.copies;
  if (pending.answer) return;
  pending.answer = Answer{.event = event, .error = nullptr};
  ++findings_.counts.actions;
  if (!pending.disturbed) findings_.acks.record(Clock::now() - pending.sent_at);
}

void TableClient::take_error(Json const &message) {
  auto const &error = message.at("error");
  auto const id = message.value("id", std::string());
  bool const retryable = error.at("retryable").get<bool>();
  if (auto const answered = answered_.find(id); answered != answered_.end()) {
    // The second of two may be turned away for now, and what was refused is refused again; nothing else may be.
    if (answered->second && !retryable) mismatch("an accepted action was then refused: " + error.dump());
    if (auto const at = pending_.find(id); at != pending_.end()) ++at->second->copies;
    return;
  }
  auto const at = pending_.find(id);
  if (at == pending_.end()) {
    mismatch("an error that belongs to no action: " + error.dump());
    return;
  }
  auto const pending = at->second;
  if (!retryable) {
    answered_.emplace(id, std::nullopt);
    pending->answer = Answer{.event = nullptr, .error = error};
    return;
  }
  ++findings_.counts.retries;
  pending->disturbed = true;
  auto timer = std::make_shared<asio::steady_timer>(executor_, retry_after(error));
  timer->async_wait([timer, pending, weak = weak_from_this()](boost::system::error_code) {
    auto const self = weak.lock();
    if (self && self->welcomed_ && !pending->answer) self->transmit(*pending);
  });
}

}  // namespace tableforge::load
