#include <algorithm>
#include <unordered_map>

#include "tableforge/protocol/client_message.hpp"

#include "protocol/wire_reader.hpp"

namespace tableforge::protocol {

namespace {

/// Whether brackets nest deeper than allowed; those in texts do not count. For what is no JSON as well, so that the
/// answer tells of the depth first.
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

using ReadOperation = Outcome (*)(JsonNode const &data, table::Operation &operation);

template <std::size_t I>
Outcome read_operation(JsonNode const &data, table::Operation &operation) {
  return read(data, operation.emplace<I>(), Bound{});
}

template <std::size_t... I>
std::unordered_map<std::string_view, ReadOperation> readers(std::index_sequence<I...>) {
  return {{table::op_word(I), &read_operation<I>}...};
}

Outcome no_other_fields(JsonNode const &message, std::initializer_list<std::string_view> allowed) {
  return unknown_member(message,
                        [&](std::string_view name) { return std::ranges::find(allowed, name) != allowed.end(); });
}

template <class T>
Outcome read_member(JsonNode const &message, std::string_view name, T &value, Bound bound) {
  auto const *const found = message.find(name);
  if (found == nullptr) {
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

Outcome read_hello(JsonNode const &message, Hello &hello) {
  std::optional<Resume> resume;
  if (auto fault = no_other_fields(message, {"op", "token", "client", "resume"})) return fault;
  if (auto fault = read_member(message, "token", hello.token, {.min = 1, .max = kTokenMax})) return fault;
  if (auto fault = read_member(message, "client", hello.client, kClientIdBound)) return fault;
  if (auto fault = read_member(message, "resume", resume, Bound{})) return fault;
  if (resume) hello.resume = static_cast<Seq>(resume->seq);
  return std::nullopt;
}

Outcome read_presence(JsonNode const &message, Presence &presence) {
  if (auto fault = no_other_fields(message, {"op", "data"})) return fault;
  if (auto fault = read_member(message, "data", presence, Bound{})) return fault;
  if (presence.cursor || presence.drag || presence.typing) return std::nullopt;
  return Fault{"give cursor, drag or typing", "data", {}};
}

Outcome read_request(JsonNode const &message, std::string_view op, Request &request) {
  static auto const kReaders = readers(std::make_index_sequence<table::kClientOperations>{});
  auto const reader = kReaders.find(op);
  if (reader == kReaders.end()) return Fault{"there is no such operation", "op", ErrorCode::unknown_op};
  if (auto fault = no_other_fields(message, {"id", "op", "data", "if"})) return fault;
  if (auto fault = read_member(message, "id", request.id, kClientIdBound)) return fault;
  if (auto fault = read_member(message, "if", request.precondition, Bound{})) return fault;
  static auto const kNothing = JsonNode::empty_object();
  auto const *const data = message.find("data");
  if (auto fault = reader->second(data == nullptr ? kNothing : *data, request.operation)) {
    return inside("data", std::move(*fault));
  }
  return std::nullopt;
}

/// The id of the message, if it has a usable one. A broken id is reported by the request's own reading; here it is only
/// wanted for the answer.
ActionId id_of(JsonNode const &message) {
  ActionId id;
  auto const *const found = message.find("id");
  if (found == nullptr || read(*found, id, kClientIdBound)) return {};
  return id;
}

std::unexpected<Malformed> refused(ErrorCode code, std::string message, std::string path = {}, ActionId id = {}) {
  return std::unexpected(Malformed{code, std::move(message), std::move(path), std::move(id)});
}

template <class M, class Read>
std::expected<ClientMessage, Malformed> decoded(JsonNode const &json, Read &&read_message) {
  std::expected<ClientMessage, Malformed> result(std::in_place, std::in_place_type<M>);
  if (auto fault = read_message(std::get<M>(*result))) {
    result = refused(fault->code, std::move(fault->message), std::move(fault->path), id_of(json));
  }
  return result;
}

}  // namespace

std::expected<ClientMessage, Malformed> decode(std::string_view text) {
  // Of the thread: what a message leaves behind is the room for the next one.
  thread_local JsonTape tape;
  if (text.size() > kClientMessageBytesMax) return refused(ErrorCode::too_large, "the message is too large");
  if (!tape.scan(text, kNestingMax)) {
    return refused(ErrorCode::bad_request,
                   nests_too_deep(text) ? "the message nests too deep" : "the message is not valid JSON");
  }
  auto const &json = tape.root();
  if (!json.is(JsonNode::Kind::object)) return refused(ErrorCode::bad_request, "a message is one JSON object");

  auto const *const op = json.find("op");
  if (op == nullptr) return refused(ErrorCode::bad_request, "the field is missing", "op", id_of(json));
  if (!op->is(JsonNode::Kind::text)) return refused(ErrorCode::bad_request, "expected a text", "op", id_of(json));
  auto const word = op->text();
  if (word == "hello") return decoded<Hello>(json, [&](Hello &hello) { return read_hello(json, hello); });
  if (word == "presence") {
    return decoded<Presence>(json, [&](Presence &presence) { return read_presence(json, presence); });
  }
  return decoded<Request>(json, [&](Request &request) { return read_request(json, word, request); });
}

}  // namespace tableforge::protocol
