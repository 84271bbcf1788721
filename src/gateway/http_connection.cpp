#include "gateway/http_connection.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>

#include "tableforge/log/limited.hpp"
#include "tableforge/log/log.hpp"

#include "gateway/handshake.hpp"
#include "gateway/proxy_header.hpp"
#include "gateway/request_id.hpp"
#include "gateway/response_head.hpp"
#include "gateway/sessions.hpp"
#include "gateway/target.hpp"

namespace tableforge::gateway {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kHeaderBytesMax = 8 * 1024;
constexpr std::size_t kBodyBytesMax = 256 * 1024;
constexpr std::size_t kBufferBytes = 16 * 1024;
// What came behind an upgrade is decoded from the sessions' buffer in one piece.
static_assert(kHeaderBytesMax < kBufferBytes && kBufferBytes <= Sessions::kReadBytes);

constexpr std::chrono::seconds kHeaderLimit{10};
constexpr std::chrono::seconds kProxyHeaderLimit{3};  // A balancer writes it at once.
constexpr std::chrono::seconds kBodyLimit{30};        // 256 KiB over a phone's poor line.
constexpr std::chrono::seconds kIdleLimit{60};
constexpr std::chrono::seconds kWriteLimit{10};

// How long and how much a peer may go on sending after its last response. Closing at once would reset the
// connection, and the response might be lost with it.
constexpr std::chrono::seconds kLingerLimit{2};
constexpr std::size_t kLingerBytesMax = 2 * kBodyBytesMax;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

/// All values of a field that may come several times.
template <class Name>
std::string joined(http::fields const &fields, Name name) {
  std::string list;
  auto const [begin, end] = fields.equal_range(name);
  for (auto field = begin; field != end; ++field) {
    list.append(list.empty() ? "" : ", ").append(view(field->value()));
  }
  return list;
}

/// Why a request could not be read, as far as a peer that is still there may want to know.
std::optional<HttpResponse> refusal(error_code code) {
  using protocol::ErrorCode;
  if (code == http::error::body_limit) {
    return error_response(ErrorCode::too_large, "the body is too large",
                          {.path = {}, .limit = kBodyBytesMax, .retry_after_ms = {}});
  }
  if (code == http::error::header_limit || code == http::error::buffer_overflow) {
    auto response = error_response(ErrorCode::too_large, "the header is too large",
                                   {.path = {}, .limit = kHeaderBytesMax, .retry_after_ms = {}});
    response.status = 431;
    return response;
  }
  bool const gone = code == http::error::end_of_stream || code == http::error::partial_message;
  // Deadlines, resets and ends are nobody's to answer; all other codes of this category are the parser's.
  if (gone || code.category() != http::make_error_code(http::error::bad_method).category()) return std::nullopt;
  return error_response(ErrorCode::bad_request, "this is not HTTP/1.1 as we understand it");
}

HttpResponse rate_refusal(std::chrono::milliseconds wait) {
  return error_response(protocol::ErrorCode::rate_limited, "too many requests from this address",
                        {.path = {}, .limit = {}, .retry_after_ms = wait.count()});
}

HttpResponse too_many_connections() {
  constexpr std::chrono::seconds kComeBack{5};  // One of the others has to end; nobody knows when.
  return error_response(protocol::ErrorCode::rate_limited, "too many connections from this address",
                        {.path = {}, .limit = {}, .retry_after_ms = std::chrono::milliseconds(kComeBack).count()});
}

std::string allow(std::vector<std::string> const &methods) {
  std::string list = "OPTIONS";
  for (auto const &method : methods) {
    list.append(", ").append(method);
    if (method == "GET") list.append(", HEAD");
  }
  return list;
}

}  // namespace

class HttpConnection {
 public:
  HttpConnection(std::shared_ptr<HttpService> service, tcp::socket socket, ConnectionSlot slot)
      : service_(std::move(service)), stream_(std::move(socket)), slot_(std::move(slot)) {
    error_code gone;  // Then it has no address, and no request either.
    auto const endpoint = stream_.socket().remote_endpoint(gone);
    if (!gone) peer_ = unmapped(endpoint.address());
  }

  asio::awaitable<void> run();

 private:
  using Parser = http::request_parser<http::string_body>;
  enum class After : std::uint8_t { keep, close, gone };
  /// Counts a request while it is being served, however that ends.
  struct Serving {
    explicit Serving(HttpService &its_service) : service(its_service) { ++service.requests_; }
    ~Serving() { --service.requests_; }
    Serving(Serving const &) = delete;
    Serving &operator=(Serving const &) = delete;
    HttpService &service;
  };
  struct Answer {
    HttpResponse response;
    std::size_t route = HttpService::kOtherRoute;
  };

  /// Whether this connection may be served, and by the way whose it is.
  asio::awaitable<bool> admit();
  asio::awaitable<std::optional<ProxyHeader>> proxy_header();
  asio::awaitable<bool> await_request(bool first);
  asio::awaitable<After> serve_one();
  asio::awaitable<error_code> read_body(Parser &parser);
  asio::awaitable<Answer> answer(Parser &parser, Target target);
  asio::awaitable<HttpResponse> call(Router::Match match, HttpRequest request);
  std::optional<HttpResponse> upgrade(Parser const &parser, std::string_view id);
  asio::ip::address client(Parser const &parser) const;
  [[nodiscard]] bool is_proxy(asio::ip::address const &address) const {
    auto const *const edge = service_->parts_.edge;
    return edge != nullptr && edge->proxies.trusts(address);
  }
  /// The address that is held to limits: none for proxies, which speak for many, and none without limits.
  [[nodiscard]] std::optional<AddressKey> counted(asio::ip::address const &address) const {
    auto const *const addresses = service_->parts_.addresses;
    bool const counts = addresses != nullptr && addresses->limited() && !is_proxy(address);
    return counts ? std::optional(address_key(address)) : std::nullopt;
  }
  std::optional<HttpResponse> too_fast(asio::ip::address const &address) const;
  asio::awaitable<bool> write(HttpResponse const &response, bool keep_alive, bool head_only);
  asio::awaitable<void> linger();
  void record(std::size_t route, unsigned status, Clock::time_point started);
  /// At debug, by the route alone: paths hold invitations, queries and headers what else people send.
  void tell(std::string_view method, std::size_t route, unsigned status, Clock::time_point started) const;

  [[nodiscard]] std::size_t label(Router::Match const &match) const {
    bool const known = match.handler != nullptr || !match.allowed.empty();
    return known ? service_->parts_.first_route + match.route : HttpService::kOtherRoute;
  }

  std::shared_ptr<HttpService> service_;
  beast::tcp_stream stream_;
  ConnectionSlot slot_;
  std::string given_id_;    // What a trusted proxy calls the request that is being served.
  asio::ip::address peer_;  // Or of whom the proxy protocol says that it speaks for.
  beast::flat_buffer buffer_{kBufferBytes};
};

asio::awaitable<void> serve_http(std::shared_ptr<HttpService> service, tcp::socket socket, ConnectionSlot slot) {
  HttpConnection connection(std::move(service), std::move(socket), std::move(slot));
  co_await connection.run();
}

asio::awaitable<void> HttpConnection::run() {
  if (!co_await admit()) co_return;
  bool first = true;
  for (;;) {
    if (!co_await await_request(std::exchange(first, false))) co_return;
    auto const after = co_await serve_one();
    if (after == After::close) co_await linger();
    if (after != After::keep) co_return;
  }
}

asio::awaitable<bool> HttpConnection::admit() {
  auto const *const edge = service_->parts_.edge;
  if (edge != nullptr && edge->proxy_protocol) {
    auto const header = co_await proxy_header();
    if (!header) {
      service_->parts_.metrics.bad_input.at(metrics::BadInput::proxy).add();
      co_return false;
    }
    if (header->source) peer_ = *header->source;
  }
  auto const address = counted(peer_);
  if (!address || slot_.claim(*address, Clock::now())) co_return true;
  auto const refused = too_many_connections();
  record(HttpService::kOtherRoute, refused.status, Clock::now());
  if (co_await write(refused, false, false)) co_await linger();
  co_return false;
}

/// Of the proxy that must have connected; nothing if somebody else did, or wrote something else.
asio::awaitable<std::optional<ProxyHeader>> HttpConnection::proxy_header() {
  static_assert(kProxyHeaderBytesMax < kBufferBytes);
  if (!is_proxy(peer_)) co_return std::nullopt;
  stream_.expires_after(kProxyHeaderLimit);
  for (;;) {
    auto const room = buffer_.prepare(kBufferBytes - buffer_.size());
    auto [code, size] = co_await stream_.async_read_some(room, asio::as_tuple(asio::use_awaitable));
    if (code) co_return std::nullopt;
    buffer_.commit(size);
    auto const header = read_proxy_header({static_cast<char const *>(buffer_.data().data()), buffer_.size()});
    if (!header && header.error() == ProxyFault::incomplete) continue;
    if (!header) co_return std::nullopt;
    buffer_.consume(header->bytes);
    co_return *header;
  }
}

/// Waits for the first bytes of a request: between two of them a connection may rest longer than within one.
asio::awaitable<bool> HttpConnection::await_request(bool first) {
  if (buffer_.size() > 0) co_return true;
  stream_.expires_after(first ? kHeaderLimit : kIdleLimit);
  auto const room = buffer_.prepare(kBufferBytes);
  auto [code, size] = co_await stream_.async_read_some(room, asio::as_tuple(asio::use_awaitable));
  if (code) co_return false;
  buffer_.commit(size);
  co_return true;
}

asio::awaitable<HttpConnection::After> HttpConnection::serve_one() {
  Parser parser;
  parser.header_limit(kHeaderBytesMax);
  parser.body_limit(kBodyBytesMax);
  stream_.expires_after(kHeaderLimit);
  auto [code, size] = co_await http::async_read_header(stream_, buffer_, parser, asio::as_tuple(asio::use_awaitable));
  Serving const serving(*service_);
  auto const started = Clock::now();
  auto &bad_input = service_->parts_.metrics.bad_input.at(metrics::BadInput::http);

  std::optional<Answer> ready;
  std::optional<Target> target;
  given_id_.clear();
  if (!code) {
    if (is_proxy(peer_)) given_id_ = view(parser.get()["X-Request-Id"]);
    target = parse_target(view(parser.get().target()));
    // "*" names the server as a whole, which takes no options.
    bool const whole_server = parser.get().target() == "*" && parser.get().method() == http::verb::options;
    if (!target && whole_server) ready = Answer{.response = {.status = 204, .body = {}, .headers = {}}};
    if (!target && !whole_server) {
      bad_input.add();
      ready = Answer{.response = error_response(protocol::ErrorCode::bad_request, "the target cannot be understood")};
    }
    if (auto refused = too_fast(client(parser)); refused && !ready) ready = Answer{.response = std::move(*refused)};
    auto const id = !ready && target && service_->parts_.upgrade ? socket_path_id(target->path) : std::nullopt;
    if (id) {
      auto refused = upgrade(parser, *id);
      if (!refused) co_return After::gone;
      ready =
          Answer{.response = std::move(*refused), .route = label(service_->parts_.router.find("GET", target->path))};
    }
    code = co_await read_body(parser);
  }
  if (code) {
    auto refused = refusal(code);
    if (!refused) co_return After::gone;
    bad_input.add();
    record(HttpService::kOtherRoute, refused->status, started);
    co_return co_await write(*refused, false, false) ? After::close : After::gone;
  }

  std::string const method(view(parser.get().method_string()));
  bool const head_only = parser.get().method() == http::verb::head;
  bool const keep_alive = parser.keep_alive();
  if (!ready) {
    auto answered = co_await answer(parser, std::move(*target));
    ready = std::move(answered);
  }
  record(ready->route, ready->response.status, started);
  tell(method, ready->route, ready->response.status, started);
  bool const keep = keep_alive && !service_->draining_;
  if (!co_await write(ready->response, keep, head_only)) co_return After::gone;
  co_return keep ? After::keep : After::close;
}

asio::awaitable<error_code> HttpConnection::read_body(Parser &parser) {
  stream_.expires_after(kBodyLimit);
  if (!parser.is_done() && beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    auto [code, size] =
        co_await asio::async_write(stream_, asio::buffer(kContinue), asio::as_tuple(asio::use_awaitable));
    if (code) co_return code;
  }
  auto [code, size] = co_await http::async_read(stream_, buffer_, parser, asio::as_tuple(asio::use_awaitable));
  co_return code;
}

asio::awaitable<HttpConnection::Answer> HttpConnection::answer(Parser &parser, Target target) {
  using protocol::ErrorCode;
  std::string const method(view(parser.get().method_string()));
  Router const &router = service_->parts_.router;
  auto match = router.find(method, target.path);
  if (match.handler == nullptr && method == "HEAD") match = router.find("GET", target.path);
  Answer answer{.response = {}, .route = label(match)};
  if (match.handler != nullptr) {
    HttpRequest request{.method = method,
                        .path = std::move(target.path),
                        .query = std::move(target.query),
                        .authorization = std::string(view(parser.get()[http::field::authorization])),
                        .body = std::move(parser.get().body()),
                        .remote_address = client(parser).to_string()};
    answer.response = co_await call(std::move(match), std::move(request));
    co_return answer;
  }
  if (match.allowed.empty()) {
    answer.response = error_response(ErrorCode::not_found, "there is nothing at this path");
    co_return answer;
  }
  if (method == "OPTIONS") {
    answer.response.status = 204;
  } else {
    answer.response = error_response(ErrorCode::bad_request, "this path does not take this method");
    answer.response.status = 405;
  }
  answer.response.headers.emplace_back("Allow", allow(match.allowed));
  co_return answer;
}

asio::awaitable<HttpResponse> HttpConnection::call(Router::Match match, HttpRequest request) {
  std::string const method = request.method;
  std::string what;
  try {
    co_return co_await (*match.handler)(std::move(request), std::move(match.parameters));
  } catch (boost::system::system_error const &error) {
    // Our own cancellation looks like this one and must end the task; a handler's own trouble must not.
    if (error.code() == asio::error::operation_aborted && service_->scope().closed()) throw;
    what = error.what();
  } catch (std::exception const &error) {
    what = error.what();
  }
  static log::Limited limited(std::chrono::milliseconds(100));
  auto const id = request_id(given_id_);
  limited.error("a request's handler threw", {{"request", id},
                                              {"method", method},
                                              {"route", service_->parts_.router.patterns()[match.route]},
                                              {"what", what}});
  auto response = internal_error();
  // By which whoever complains can be found in the log.
  response.headers.emplace_back("X-Request-Id", id);
  co_return response;
}

/// Sends the socket on its way to the table; or says why not.
std::optional<HttpResponse> HttpConnection::upgrade(Parser const &parser, std::string_view id) {
  auto const &request = parser.get();
  std::string const connection = joined(request, http::field::connection);
  std::string const upgrade = joined(request, http::field::upgrade);
  std::string const protocols = joined(request, http::field::sec_websocket_protocol);
  auto handshake =
      judge_handshake({.method = view(request.method_string()),
                       .http_1_1 = request.version() >= 11,
                       .has_body = !parser.is_done() && (parser.chunked() || parser.content_length().value_or(0) > 0),
                       .upgrade = upgrade,
                       .connection = connection,
                       .version = view(request[http::field::sec_websocket_version]),
                       .key = view(request[http::field::sec_websocket_key]),
                       .protocols = protocols,
                       .offers_protocols = request.count(http::field::sec_websocket_protocol) > 0,
                       .origin = view(request[http::field::origin])},
                      service_->parts_.allowed_origins);
  if (!handshake) return std::move(handshake.error());
  auto const table = Uuid::parse(id);
  if (!table) return error_response(protocol::ErrorCode::not_found, "there is no such table");
  if (auto const address = counted(client(parser))) {
    auto const now = Clock::now();
    if (auto const wait = service_->parts_.addresses->upgrade(*address, now)) return rate_refusal(*wait);
    // Behind a proxy that keeps connections for many, only this one has become somebody's.
    if (!slot_.claim(*address, now)) return too_many_connections();
  }

  auto const *first = static_cast<char const *>(buffer_.data().data());
  std::string early(first, buffer_.size());
  auto socket = stream_.release_socket();
  error_code code;
  auto const protocol = socket.local_endpoint(code).protocol();
  Fd fd(socket.release(code));
  // A socket that cannot be released is closed with this connection.
  if (code) return std::nullopt;
  service_->parts_.upgrade(Upgrade{.socket = std::move(fd),
                                   .protocol = protocol,
                                   .slot = std::move(slot_),
                                   .table = TableId(*table),
                                   .answer = std::move(*handshake),
                                   .early = std::move(early)});
  return std::nullopt;
}

asio::ip::address HttpConnection::client(Parser const &parser) const {
  if (!is_proxy(peer_)) return peer_;
  return service_->parts_.edge->proxies.client_of(peer_, joined(parser.get(), "X-Forwarded-For"));
}

std::optional<HttpResponse> HttpConnection::too_fast(asio::ip::address const &address) const {
  auto const key = counted(address);
  auto const wait = key ? service_->parts_.addresses->request(*key, Clock::now()) : std::nullopt;
  return wait ? std::optional(rate_refusal(*wait)) : std::nullopt;
}

asio::awaitable<bool> HttpConnection::write(HttpResponse const &response, bool keep_alive, bool head_only) {
  std::string const head = response_head(response, keep_alive);
  bool const has_body = !head_only && response.status != 204 && response.status != 304;
  std::array const parts{asio::buffer(head), has_body ? asio::buffer(response.body) : asio::const_buffer()};
  stream_.expires_after(kWriteLimit);
  auto [code, size] = co_await asio::async_write(stream_, parts, asio::as_tuple(asio::use_awaitable));
  co_return !code;
}

asio::awaitable<void> HttpConnection::linger() {
  error_code code;
  stream_.socket().shutdown(tcp::socket::shutdown_send, code);
  stream_.expires_after(kLingerLimit);
  std::size_t swallowed = 0;
  buffer_.clear();
  while (!code && swallowed < kLingerBytesMax) {
    auto const room = buffer_.prepare(kBufferBytes);
    auto [read_code, size] = co_await stream_.async_read_some(room, asio::as_tuple(asio::use_awaitable));
    swallowed += size;
    code = read_code;
  }
}

void HttpConnection::record(std::size_t route, unsigned status, Clock::time_point started) {
  auto &metrics = service_->parts_.metrics;
  metrics.http_requests.at(route, metrics::status_class(status)).add();
  metrics.http_latency.record(Clock::now() - started);
}

void HttpConnection::tell(std::string_view method, std::size_t route, unsigned status,
                          Clock::time_point started) const {
  if (!log::enabled(log::Level::debug)) return;
  auto const patterns = service_->parts_.router.patterns();
  auto const index = route - service_->parts_.first_route;
  log::debug("a request was served", {{"request", request_id(given_id_)},
                                      {"method", method},
                                      {"route", index < patterns.size() ? patterns[index] : "other"},
                                      {"status", status},
                                      {"seconds", Clock::now() - started}});
}

}  // namespace tableforge::gateway
