#include <array>
#include <unordered_map>

#include "tableforge/protocol/client_message.hpp"

#include "protocol/wire_reader.hpp"

namespace tableforge::protocol {

namespace {

/// How deep brackets nest, up to one more than allowed; brackets in texts do not count.
bool nests_too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kNestingMax) return true;
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
    }
  }
  return false;
}

using ReadOperation = Outcome (*)(Json const &data, table::Operation &operation);

template <std::size_t I>
Outcome read_operation(Json const &data, table::Operation &operation) {
  return read(data, operation.emplace<I>(), Bound{});
}

template <std::size_t... I>
std::unordered_map<std::string_view, ReadOperation> readers(std::index_sequence<I...>) {
  return {{table::op_word(I), &read_operation<I>}...};
}

Outcome no_other_fields(Json const &message, std::initializer_list<std::string_view> allowed) {
  for (auto const &[name, unused] : message.items()) {
    if (std::ranges::find(allowed, name) == allowed.end()) return Fault{"there is no such field", clipped(name), {}};
  }
  return std::nullopt;
}

template <class T>
Outcome read_member(Json const &message, std::string_view name, T &value, Bound bound) {
  auto const found = message.find(name);
  if (found == message.end()) {
    if constexpr (is_optional<T>) return std::nullopt;
    return Fault{"the field is missing", std::string(name), {}};
  }
  if (auto fault = read(*found, value, bound)) return inside(name, std::move(*fault));
  return std::nullopt;
}

struct Resume {
  std::int64_t seq = 0;
  static constexpr auto fields() {
    return std::tuple{field("seq", &Resume::seq, {.min = 0, .max = table::kIntegerMax})};
  }
};

constexpr Bound kClientIdBound{.min = 1, .max = kClientIdMax};

Outcome read_hello(Json const &message, Hello &hello) {
  std::optional<Resume> resume;
  if (auto fault = no_other_fields(message, {"op", "token", "client", "resume"})) return fault;
  if (auto fault = read_member(message, "token", hello.token, {.min = 1, .max = kTokenMax})) return fault;
  if (auto fault = read_member(message, "client", hello.client, kClientIdBound)) return fault;
  if (auto fault = read_member(message, "resume", resume, Bound{})) return fault;
  if (resume) hello.resume = static_cast<Seq>(resume->seq);
  return std::nullopt;
}

Outcome read_presence(Json const &message, Presence &presence) {
  if (auto fault = no_other_fields(message, {"op", "data"})) return fault;
  if (auto fault = read_member(message, "data", presence, Bound{})) return fault;
  if (presence.cursor || presence.drag || presence.typing) return std::nullopt;
  return Fault{"give cursor, drag or typing", "data", {}};
}

Outcome read_request(Json const &message, std::string_view op, Request &request) {
  static auto const kReaders = readers(std::make_index_sequence<table::kClientOperations>{});
  auto const reader = kReaders.find(op);
  if (reader == kReaders.end()) return Fault{"there is no such operation", "op", ErrorCode::unknown_op};
  if (auto fault = no_other_fields(message, {"id", "op", "data", "if"})) return fault;
  if (auto fault = read_member(message, "id", request.id, kClientIdBound)) return fault;
  if (auto fault = read_member(message, "if", request.precondition, Bound{})) return fault;
  static Json const kNothing = Json::object();
  auto const data = message.find("data");
  if (auto fault = reader->second(data == message.end() ? kNothing : *data, request.operation)) {
    return inside("data", std::move(*fault));
  }
  return std::nullopt;
}

template <class M, class Read>
std::expected<ClientMessage, Malformed> decoded(ActionId id, Read &&read_message) {
  M message;
  if (auto fault = read_message(message)) {
    return std::unexpected(Malformed{fault->code, std::move(fault->message), std::move(fault->path), std::move(id)});
  }
  return ClientMessage(std::move(message));
}

}  // namespace

std::expected<ClientMessage, Malformed> decode(std::string_view text) {
  auto const refused = [](ErrorCode code, std::string message, std::string path = {}, ActionId id = {}) {
    return std::unexpected(Malformed{code, std::move(message), std::move(path), std::move(id)});
  };
  if (text.size() > kClientMessageBytesMax) return refused(ErrorCode::too_large, "the message is too large");
  if (nests_too_deep(text)) return refused(ErrorCode::bad_request, "the message nests too deep");
  auto const json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return refused(ErrorCode::bad_request, "the message is not valid JSON");
  if (!json.is_object()) return refused(ErrorCode::bad_request, "a message is one JSON object");

  ActionId id;
  if (auto const found = json.find("id"); found != json.end()) {
    // A broken id is reported by the request's own reading; here it is only wanted for the answer.
    if (read(*found, id, kClientIdBound)) id = {};
  }
  auto const op = json.find("op");
  if (op == json.end()) return refused(ErrorCode::bad_request, "the field is missing", "op", id);
  if (!op->is_string()) return refused(ErrorCode::bad_request, "expected a text", "op", id);
  auto const &word = op->get_ref<std::string const &>();
  if (word == "hello") return decoded<Hello>(id, [&](Hello &hello) { return read_hello(json, hello); });
  if (word == "presence") {
    return decoded<Presence>(id, [&](Presence &presence) { return read_presence(json, presence); });
  }
  return decoded<Request>(id, [&](Request &request) { return read_request(json, word, request); });
}

}  // namespace tableforge::protocol
