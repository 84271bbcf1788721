#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tableforge/base/ids.hpp"
#include "tableforge/protocol/client_message.hpp"
#include "tableforge/protocol/close_code.hpp"
#include "tableforge/protocol/error_code.hpp"
#include "tableforge/table/view.hpp"

/// What the server says, as JSON text appended to a string of the caller. All of it is made from views, so nothing
/// passes here that a viewer may not see.
namespace tableforge::protocol {

struct You {
  PlayerId player;
  std::vector<std::string_view> seats;
  table::Role role = table::Role::player;
};

void append_event(std::string &out, table::view::Event const &event);

/// With a state the mode is "snapshot"; without one it is "replay", and the missed events follow.
void append_welcome(std::string &out, TableId table, You const &you, Seq head, table::view::State const *state);

void append_resync(std::string &out, Seq seq, table::view::State const &state);

/// The state alone, as HTTP answers it: {"seq","state"}.
void append_state(std::string &out, Seq seq, table::view::State const &state);

/// A page of history: {"events","next"}; `next` is null at the end.
void append_history(std::string &out, std::span<table::view::Event const> events, std::optional<Seq> next);

void append_presence(std::string &out, PlayerId by, Presence const &presence);
void append_online(std::string &out, PlayerId by, bool online);

struct ErrorDetails {
  std::string_view path;              ///< Empty: none.
  std::optional<std::int64_t> limit;  ///< Which bound was met.
  std::optional<std::int64_t> retry_after_ms;
};

void append_error(std::string &out, ActionId const &id, ErrorCode code, std::string_view message,
                  ErrorDetails const &details = {});

void append_goodbye(std::string &out, CloseReason reason, std::optional<std::int64_t> retry_after_ms);

}  // namespace tableforge::protocol
