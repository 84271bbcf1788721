#pragma once

#include <string>
#include <vector>

#include "tableforge/cache/class.hpp"
#include "tableforge/host/ports/table_states.hpp"
#include "tableforge/knobs/knobs.hpp"
#include "tableforge/lobby/ports.hpp"

namespace tableforge::storage {

/// All that is read through the cache, each class declared once.
///
/// | class | key | version | changes |
/// |---|---|---|---|
/// | table_state | `{table}` | the state's seq | a newer state takes the place of an older one, which stays right |
/// | lobby_page | `first`, or `{table}` behind which it begins | the snapshot's xmin | tables are founded and renamed |
/// | history_page | `{table}/seq` of the chunk's first event | 0 | never: only whole chunks of committed events |
///
/// Of the lobby only `first` is invalidated. What a change does to chunks behind a table cannot be told without reading
/// them all, so these are old for as long as the class's ttl allows, which is short for their sake.
///
/// What is decoded by whoever reads it, in the pool, lies here as text: a shard has no time to take events apart, and
/// the size of a text is no estimate.
///
/// Threads: any; immutable.
struct CacheClasses {
  /// How what was served is audited (class.hpp).
  struct Audits {
    cache::Class<host::KeptState>::Unseens table_state;
    cache::Class<std::vector<lobby::TableRecord>>::Unseens lobby_page;
  };

  CacheClasses(Knobs const &knobs, Audits audits);

  cache::Class<host::KeptState> table_state;
  cache::Class<std::vector<lobby::TableRecord>> lobby_page;
  cache::Class<std::string> history_page;  ///< codec/event_body.hpp
};

}  // namespace tableforge::storage
