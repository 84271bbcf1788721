#include "redis/connection.hpp"

#include <bit>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <signal.h>

#include "tableforge/base/check.hpp"

#include "redis/reply_reader.hpp"

namespace tableforge::redis {

namespace {

/// hiredis writes to sockets that may be closed without asking for EPIPE instead of the signal. Blocked on the thread
/// that writes, the signal only stays pending, and nothing else in the process notices.
void block_sigpipe_here() {
  sigset_t pipe;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

}  // namespace

Connection::Connection(runtime::Shard &shard, std::size_t in_flight_max)
    : shard_(shard), in_flight_max_(in_flight_max), descriptor_(shard.executor()), changed_(shard.executor()) {
  changed_.expires_at(std::chrono::steady_clock::time_point::max());
}

Connection::~Connection() { end(); }

asio::awaitable<Result<void>> Connection::connect_tcp(std::string host, int port,
                                                      std::chrono::steady_clock::duration limit) {
  co_return co_await connect(redisAsyncConnect(host.c_str(), port), limit);
}

asio::awaitable<Result<void>> Connection::connect_unix(std::string path, std::chrono::steady_clock::duration limit) {
  co_return co_await connect(redisAsyncConnectUnix(path.c_str()), limit);
}

asio::awaitable<Result<void>> Connection::connect(redisAsyncContext *context,
                                                  std::chrono::steady_clock::duration limit) {
  TF_CHECK(shard_.on_this_thread());
  block_sigpipe_here();
  if (auto const attached = attach(context); !attached) co_return attached;
  changed_.expires_after(limit);
  auto const [code] = co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
  changed_.expires_at(std::chrono::steady_clock::time_point::max());
  if (connected_) co_return Result<void>{};
  bool const refused = context_ == nullptr;
  end();
  if (refused) co_return fail(Errc::unavailable, "Redis refused the connection");
  if (code) co_return fail(Errc::cancelled, "connecting to Redis was cancelled");
  co_return fail(Errc::timeout, "Redis did not take the connection in time");
}

Result<void> Connection::attach(redisAsyncContext *context) {
  if (context == nullptr) return fail(Errc::unavailable, "hiredis has no memory for a connection");
  boost::system::error_code code;
  if (context->err == 0) descriptor_.assign(context->c.fd, code);
  if (context->err != 0 || code) {
    redisAsyncFree(context);
    return fail(Errc::unavailable, "Redis cannot be reached");
  }
  context_ = context;
  context->data = this;
  context->ev.data = this;
  context->ev.addRead = [](void *self) { static_cast<Connection *>(self)->want_read(); };
  context->ev.delRead = [](void *self) { static_cast<Connection *>(self)->reading_ = false; };
  context->ev.addWrite = [](void *self) { static_cast<Connection *>(self)->want_write(); };
  // An end-of-turn write of an empty buffer is harmless, so there is nothing to take back.
  context->ev.delWrite = [](void *) {};
  // The one hook that hiredis calls on every way to the end, before it closes the descriptor.
  context->ev.cleanup = [](void *self) { static_cast<Connection *>(self)->forget(); };
  // Setting this callback makes hiredis ask for the first write, which is how it notices that it is connected.
  redisAsyncSetConnectCallback(context, [](redisAsyncContext const *its, int status) {
    auto *const self = static_cast<Connection *>(its->data);
    self->connected_ = status == REDIS_OK;
    self->changed_.cancel();
  });
  return {};
}

asio::awaitable<void> Connection::gone() {
  auto const self = shared_from_this();
  while (context_ != nullptr) {
    static_cast<void>(co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable)));
  }
}

void Connection::end() {
  if (context_ != nullptr) redisAsyncFree(context_);
}

void Connection::forget() {
  context_ = nullptr;
  connected_ = false;
  reading_ = false;
  // hiredis closes it; Asio must let go first.
  descriptor_.release();
  changed_.cancel();
  for (auto const &asked : asked_) asked->timer.cancel();
}

asio::awaitable<Result<Reply>> Connection::command(std::span<std::string const> words,
                                                   std::chrono::steady_clock::duration limit) {
  TF_CHECK(shard_.on_this_thread());
  if (!connected_) co_return fail(Errc::unavailable, "Redis is not connected");
  if (in_flight_ >= in_flight_max_) co_return fail(Errc::overloaded, "too many Redis commands are in flight");
  auto const pending = std::make_shared<Pending>(shard_);
  pending->timer.expires_after(limit);
  std::vector<char const *> begins;
  std::vector<std::size_t> sizes;
  begins.reserve(words.size());
  sizes.reserve(words.size());
  for (std::string const &word : words) {
    begins.push_back(word.data());
    sizes.push_back(word.size());
  }
  auto ticket = std::make_unique<Ticket>(this, pending);
  if (redisAsyncCommandArgv(context_, &Connection::on_reply, ticket.get(), static_cast<int>(words.size()),
                            begins.data(), sizes.data()) != REDIS_OK) {
    co_return fail(Errc::unavailable, "the Redis connection is ending");
  }
  // From here on hiredis owes exactly one callback, which takes the ticket back.
  static_cast<void>(ticket.release());
  ++in_flight_;
  auto const [code] = co_await pending->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (pending->result) co_return std::move(*pending->result);
  if (code) co_return fail(Errc::cancelled, "the caller was cancelled");
  co_return fail(Errc::timeout, "Redis did not answer in time");
}

void Connection::on_reply(redisAsyncContext *, void *reply, void *ticket_address) {
  std::unique_ptr<Ticket> const ticket(static_cast<Ticket *>(ticket_address));
  --ticket->connection->in_flight_;
  Pending &pending = *ticket->pending;
  if (reply == nullptr) {
    pending.result.emplace(fail(Errc::unavailable, "the connection to Redis was lost"));
  } else {
    pending.result.emplace(read_reply(*static_cast<redisReply const *>(reply)));
  }
  // Only wakes the waiting task in a later handler: nothing of ours runs inside hiredis's callback.
  pending.timer.cancel();
}

bool Connection::tell(std::initializer_list<std::string_view> words) {
  TF_CHECK(shard_.on_this_thread());
  if (!connected_ || in_flight_ >= in_flight_max_) return false;
  std::vector<char const *> begins;
  std::vector<std::size_t> sizes;
  std::size_t bytes = 0;
  for (std::string_view const word : words) {
    begins.push_back(word.data());
    sizes.push_back(word.size());
    bytes += word.size();
  }
  // The size is all that the answer is needed for, so it travels in place of an address.
  if (redisAsyncCommandArgv(context_, &Connection::on_told_reply, std::bit_cast<void *>(bytes),
                            static_cast<int>(begins.size()), begins.data(), sizes.data()) != REDIS_OK) {
    return false;
  }
  ++in_flight_;
  told_bytes_ += bytes;
  return true;
}

void Connection::on_told_reply(redisAsyncContext *context, void *, void *bytes) {
  auto *const self = static_cast<Connection *>(context->data);
  --self->in_flight_;
  self->told_bytes_ -= std::bit_cast<std::size_t>(bytes);
}

bool Connection::ask(Ask ask, std::span<std::string const> channels) {
  TF_CHECK(shard_.on_this_thread() && !channels.empty());
  if (!connected_) return false;
  std::string_view const word = ask == Ask::subscribe ? "SUBSCRIBE" : "UNSUBSCRIBE";
  std::vector<char const *> begins{word.data()};
  std::vector<std::size_t> sizes{word.size()};
  for (std::string const &channel : channels) {
    begins.push_back(channel.data());
    sizes.push_back(channel.size());
  }
  auto const pushed = [](redisAsyncContext *, void *reply, void *its) {
    // Without a reply the connection is ending, which forget() tells.
    if (reply != nullptr) static_cast<Connection *>(its)->read_push(*static_cast<redisReply const *>(reply));
  };
  if (redisAsyncCommandArgv(context_, pushed, this, static_cast<int>(begins.size()), begins.data(), sizes.data()) !=
      REDIS_OK) {
    return false;
  }
  if (ask == Ask::subscribe) asked_.push_back(std::make_shared<Asked>(shard_, channels.size()));
  return true;
}

asio::awaitable<Result<void>> Connection::subscribe(std::span<std::string const> channels,
                                                    std::chrono::steady_clock::duration limit) {
  auto const self = shared_from_this();
  if (!connected_) co_return fail(Errc::unavailable, "Redis is not connected");
  if (!ask(Ask::subscribe, channels)) co_return fail(Errc::unavailable, "the Redis connection is ending");
  auto const asked = asked_.back();
  asked->timer.expires_after(limit);
  auto const [code] = co_await asked->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (asked->left == 0) co_return Result<void>{};
  if (!connected_) co_return fail(Errc::unavailable, "Redis ended the connection instead of subscribing it");
  if (code) co_return fail(Errc::cancelled, "subscribing was cancelled");
  co_return fail(Errc::timeout, "Redis did not confirm the subscription in time");
}

void Connection::read_push(redisReply const &reply) {
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 3) return;
  auto const text = [&](std::size_t i) {
    redisReply const &part = *reply.element[i];
    return part.type == REDIS_REPLY_STRING ? std::string_view(part.str, static_cast<std::size_t>(part.len))
                                           : std::string_view();
  };
  if (text(0) == "message") {
    if (on_push_) on_push_(Push::message, text(1), text(2));
  } else if (text(0) == "subscribe") {
    confirm_one();
    if (on_push_) on_push_(Push::subscribed, text(1), {});
  } else if (text(0) == "unsubscribe") {
    if (on_push_) on_push_(Push::unsubscribed, text(1), {});
  }
}

void Connection::confirm_one() {
  if (asked_.empty() || --asked_.front()->left > 0) return;
  asked_.front()->timer.cancel();
  asked_.pop_front();
}

void Connection::want_read() {
  reading_ = true;
  if (!read_awaited_) await_read();
}

void Connection::want_write() {
  // Before the connection stands, and after a short write, only the socket knows when. Otherwise: at the turn's end.
  if (!connected_ || flushing_) {
    if (!write_awaited_) await_write();
  } else {
    shard_.mark_dirty(*this);
  }
}

void Connection::await_read() {
  read_awaited_ = true;
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                         [weak = weak_from_this()](boost::system::error_code code) {
                           auto const self = weak.lock();
                           if (!self) return;
                           self->read_awaited_ = false;
                           if (code || self->context_ == nullptr || !self->reading_) return;
                           redisAsyncHandleRead(self->context_);
                           if (self->reading_ && !self->read_awaited_) self->await_read();
                         });
}

void Connection::await_write() {
  write_awaited_ = true;
  descriptor_.async_wait(asio::posix::stream_descriptor::wait_write,
                         [weak = weak_from_this()](boost::system::error_code code) {
                           auto const self = weak.lock();
                           if (!self) return;
                           self->write_awaited_ = false;
                           if (code || self->context_ == nullptr) return;
                           self->flush();
                           // A connect() still in progress: hiredis does not ask again by itself.
                           if (self->context_ != nullptr && !self->connected_ && !self->write_awaited_) {
                             self->await_write();
                           }
                         });
}

void Connection::flush() {
  if (context_ == nullptr) return;
  auto const self = weak_from_this().lock();
  flushing_ = true;
  redisAsyncHandleWrite(context_);
  flushing_ = false;
}

}  // namespace tableforge::redis
