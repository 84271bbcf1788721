#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tableforge/base/ids.hpp"
#include "tableforge/base/time.hpp"
#include "tableforge/base/uuid.hpp"
#include "tableforge/host/ports/relay.hpp"

/// What instances tell each other on a table's channel.
namespace tableforge::relay {

/// "I have this table open, and these are the people connected to me": all of them, in place of what was known.
struct Greeting {
  bool asks = false;  ///< Wants to know who else is there.
  Seq seq = 0;        ///< The last that is committed, as far as the sender knows; 0: it does not know yet.
  std::vector<PlayerId> online;
};
struct Farewell {};
struct Came {
  PlayerId player;
};
struct Left {
  PlayerId player;
};
struct Committed {
  host::Row row;  ///< Without its append_id, of which only its writer makes use. Without a body: read it.
  Time told_at;   ///< By the teller's clock.
};
struct Showed {
  PlayerId player;
  protocol::Presence presence;
};

/// In the order of metrics::RelayKind.
using Content = std::variant<Greeting, Farewell, Came, Left, Committed, Showed>;

struct Message {
  Uuid sender;
  Content content;
};

/// A row that is longer is told of without its body. It bounds what Redis holds for each subscriber that is slow.
inline constexpr std::size_t kBodyBytesMax = 128 * 1024;
inline constexpr std::size_t kMessageBytesMax = kBodyBytesMax + 256;
/// More than may be at a table.
inline constexpr std::size_t kOnlineMax = 1'024;

/// Bytes of one version, which begin with it. Everything in them has one form only.
std::string encode(Message const &message);

/// Nothing for anything else than encode() makes: another version, another length, numbers that are none, a row that
/// cannot be one.
std::optional<Message> decode(std::string_view bytes);

/// Who sent it, if it looks like a message: cheaper than all of it, for one's own that come back.
std::optional<Uuid> sender_of(std::string_view bytes);

}  // namespace tableforge::relay
