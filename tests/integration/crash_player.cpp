#include "integration/crash_player.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tableforge::test {

namespace asio = boost::asio;

namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kAnswerLimit{60};
constexpr std::chrono::milliseconds kPace{12};
constexpr std::chrono::milliseconds kRetryPause{20};
constexpr std::size_t kUnacknowledgedMax = 16;

asio::awaitable<void> pause(std::chrono::milliseconds duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace

CrashPlayer::CrashPlayer(asio::io_context &context, Seat seat, Witnessed &witnessed)
    : context_(context), seat_(std::move(seat)), witnessed_(witnessed) {}

void CrashPlayer::start() {
  auto const failed = [this](std::exception_ptr failure) {
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (std::exception const &exception) {
      failures_.push_back(exception.what());
    }
  };
  asio::co_spawn(context_, keep_playing(), failed);
  asio::co_spawn(context_, keep_talking(), failed);
}

void CrashPlayer::stop() {
  stopped_ = true;
  if (socket_) socket_->cut(load::WsClient::Cut::fin);
}

asio::awaitable<void> CrashPlayer::keep_playing() {
  while (!stopped_) {
    co_await play_once();
    welcomed_ = false;
    for (auto &[text, again] : unacknowledged_) again = true;
    if (!stopped_) co_await pause(kRetryPause);
  }
}

asio::awaitable<void> CrashPlayer::play_once() {
  socket_ = load::WsClient::create(co_await asio::this_coro::executor, 16U << 20);
  auto const connected =
      co_await socket_->connect(endpoint_, "/v1/tables/" + seat_.table + "/ws", "tableforge.v1+json", kAnswerLimit);
  if (!connected) co_return;
  send_hello();
  for (;;) {
    auto const received = co_await socket_->receive(kAnswerLimit);
    if (!received || received->close) co_return;
    auto const message = Json::parse(received->text);
    if (message.is_array()) {
      for (auto const &each : message) hear(each);
    } else {
      hear(message);
    }
  }
}

asio::awaitable<void> CrashPlayer::keep_talking() {
  while (!stopped_) {
    co_await pause(kPace);
    if (!welcomed_) continue;
    for (auto &[text, again] : unacknowledged_) {
      if (std::exchange(again, false)) send(text);
    }
    if (hushed_ || unacknowledged_.size() >= kUnacknowledgedMax) continue;
    auto const text = seat_.client + "-" + std::to_string(said_++);
    unacknowledged_[text] = false;
    send(text);
  }
}

void CrashPlayer::send_hello() {
  Json hello{{"op", "hello"}, {"token", seat_.token}, {"client", seat_.client}};
  if (resumes_) hello["resume"] = {{"seq", last_seq_}};
  socket_->send(hello.dump());
}

void CrashPlayer::send(std::string const &text) {
  socket_->send(Json{{"id", text}, {"op", "chat.say"}, {"data", {{"text", text}}}}.dump());
}

void CrashPlayer::hear(Json const &message) {
  auto const &ev = message.at("ev").get_ref<std::string const &>();
  if (ev == "welcome") {
    if (message.at("mode") == "snapshot") {
      last_seq_ = message.at("seq");
      // A snapshot tells the newest lines; those of ours among them are acknowledged by it.
      for (auto const &line : message.at("state").at("chat")) hear_event(line);
    }
    welcomed_ = true;
    resumes_ = true;
  } else if (ev == "resync") {
    last_seq_ = message.at("seq");
  } else if (ev == "error") {
    auto const again = message.contains("id") ? unacknowledged_.find(message.at("id")) : unacknowledged_.end();
    if (again != unacknowledged_.end() && message.at("error").at("retryable") == true) {
      again->second = true;
    } else {
      failures_.push_back(message.dump());
    }
  } else if (message.contains("seq")) {
    hear_event(message);
    auto const seq = message.at("seq").get<Seq>();
    if (seq > last_seq_ + 1) failures_.push_back("a gap before " + std::to_string(seq));
    last_seq_ = std::max(last_seq_, seq);
  }
}

void CrashPlayer::hear_event(Json const &event) {
  if (event.at("ev") != "chat.said") return;
  auto const seq = event.at("seq").get<Seq>();
  auto const &text = event.at("data").at("text").get_ref<std::string const &>();
  auto const [known, first] = witnessed_.texts.try_emplace(seq, text);
  if (!first && known->second != text) witnessed_.contradictions.push_back(known->second + " was " + text);
  if (event.at("client") != seat_.client) return;
  auto const [ours, fresh] = acknowledged_.try_emplace(text, seq);
  if (!fresh && ours->second != seq) failures_.push_back(text + " took effect twice");
  unacknowledged_.erase(text);
}

}  // namespace tableforge::test
