#include "tableforge/codec/system_document.hpp"

#include <algorithm>
#include <unordered_set>

#include "tableforge/table/limits.hpp"

#include "codec/disk_reader.hpp"

namespace tableforge::codec {

namespace {

template <class T>
void refuse_unknown(Json const &, T const &) {}
template <class T>
void refuse_unknown(Json const &json, std::optional<T> const &value);
template <class T>
void refuse_unknown(Json const &json, std::vector<T> const &list);

/// People write these documents, and a misspelt optional field would otherwise be silently without effect.
template <Described T>
void refuse_unknown(Json const &json, T const &value) {
  for (auto const &[name, inner] : json.items()) {
    bool known = false;
    for_each_field<T>([&](auto const &each) {
      if (each.name != name) return;
      known = true;
      refuse_unknown(inner, value.*each.member);
    });
    if (!known) throw Malformed(name + ": there is no such field");
  }
}

template <class T>
void refuse_unknown(Json const &json, std::optional<T> const &value) {
  if (value) refuse_unknown(json, *value);
}

template <class T>
void refuse_unknown(Json const &json, std::vector<T> const &list) {
  for (std::size_t i = 0; i < list.size(); ++i) refuse_unknown(json[i], list[i]);
}

/// What the field types cannot say.
void check(table::GameSystem const &system) {
  auto const require = [](bool holds, std::string const &sentence) {
    if (!holds) throw Malformed(sentence);
  };
  require(!system.id.value.empty(), "id is empty");
  require(!(system.seats && system.seat_range), "give either seats or seat_range");
  if (system.seats) {
    require(!system.seats->empty() && system.seats->size() <= table::kSeatsMax, "seats: 1 to 12 seats");
    std::unordered_set<std::string> seats;
    for (auto const &seat : *system.seats) {
      require(seats.insert(seat.id.value).second, "seats: " + seat.id.value + " stands twice");
    }
  }
  if (system.seat_range) {
    auto const &range = *system.seat_range;
    require(1 <= range.min && range.min <= range.initial && range.initial <= range.max &&
                range.max <= static_cast<std::int64_t>(table::kSeatsMax),
            "seat_range: 1 <= min <= default <= max <= 12");
  }
  std::unordered_set<std::string> zones;
  for (auto const &zone : system.zones) {
    require(zones.insert(zone.id).second, "zones: " + zone.id + " stands twice");
    bool const owned = zone.id.find(table::kSeatPlaceholder) != std::string::npos;
    require(zone.visibility != table::Visibility::owner || owned,
            "zones: " + zone.id + " is seen by its owner, so its id needs {seat}");
  }
  std::size_t pieces = 0;
  for (auto const &set : system.pieces) {
    require(zones.contains(set.zone), "pieces: there is no zone " + set.zone);
    auto const one_each = [&](auto const &list) { return !list || list->size() == set.faces.size(); };
    require(one_each(set.x) && one_each(set.y), "pieces: x and y have one number for each face");
    pieces += set.faces.size() *
              (set.zone.find(table::kSeatPlaceholder) != std::string::npos ? table::kSeatsMax : std::size_t{1});
  }
  require(pieces <= table::kPiecesMax, "pieces: too many");
  std::unordered_set<std::string> counters;
  for (auto const &counter : system.counters) {
    require(counters.insert(counter.id).second, "counters: " + counter.id + " stands twice");
    require(counter.value >= counter.min.value_or(0), "counters: " + counter.id + " is below its minimum");
  }
}

}  // namespace

std::expected<table::GameSystem, std::string> parse_system(std::string_view json) {
  try {
    table::GameSystem system;
    auto const document = Json::parse(json);
    read(document, system);
    refuse_unknown(document, system);
    check(system);
    return system;
  } catch (Malformed const &malformed) {
    return std::unexpected(std::string(malformed.what()));
  } catch (Json::exception const &exception) {
    return std::unexpected(std::string(exception.what()));
  }
}

}  // namespace tableforge::codec
