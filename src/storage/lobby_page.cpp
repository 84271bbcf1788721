#include "storage/lobby_page.hpp"

#include <cstdint>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "tableforge/base/json_writer.hpp"

namespace tableforge::storage {

namespace {

using Json = nlohmann::json;

/// 64 characters of a name in UTF-8, which is also more than an id of a system has.
constexpr std::size_t kTextBytesMax = 256;
constexpr std::size_t kFields = 5;

std::optional<std::string> text_at(Json const &object, char const *key) {
  auto const found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  auto const &text = found->get_ref<std::string const &>();
  if (text.empty() || text.size() > kTextBytesMax) return std::nullopt;
  return text;
}

std::optional<Uuid> uuid_at(Json const &object, char const *key) {
  auto const text = text_at(object, key);
  return text ? Uuid::parse(*text) : std::nullopt;
}

std::optional<lobby::TableRecord> record_of(Json const &object) {
  if (!object.is_object() || object.size() != kFields) return std::nullopt;
  auto const id = uuid_at(object, "id");
  auto name = text_at(object, "name");
  auto system = text_at(object, "system");
  auto const owner = uuid_at(object, "owner");
  auto const created_at = object.find("created_at_us");
  if (!id || !name || !system || !owner || created_at == object.end() || !created_at->is_number_integer()) {
    return std::nullopt;
  }
  return lobby::TableRecord{.id = TableId(*id),
                            .name = std::move(*name),
                            .system = SystemId(std::move(*system)),
                            .listing = table::Listing::open,
                            .owner = PlayerId(*owner),
                            .created_at = Time(std::chrono::microseconds(created_at->get<std::int64_t>()))};
}

}  // namespace

std::string encode_lobby_page(std::vector<lobby::TableRecord> const &tables) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_array();
  for (auto const &table : tables) {
    writer.begin_object();
    writer.key("id");
    writer.string(table.id.value.text());
    writer.key("name");
    writer.string(table.name);
    writer.key("system");
    writer.string(table.system.value);
    writer.key("owner");
    writer.string(table.owner.value.text());
    writer.key("created_at_us");
    writer.number(table.created_at.time_since_epoch().count());
    writer.end_object();
  }
  writer.end_array();
  return out;
}

Result<std::vector<lobby::TableRecord>> decode_lobby_page(std::string_view bytes) {
  auto const document = Json::parse(bytes, nullptr, false);
  if (!document.is_array() || document.size() > kLobbyPageTablesMax) {
    return fail(Errc::corrupt, "a page of the lobby is no list");
  }
  std::vector<lobby::TableRecord> tables;
  tables.reserve(document.size());
  for (auto const &each : document) {
    auto record = record_of(each);
    if (!record) return fail(Errc::corrupt, "a table of the lobby's page cannot be read");
    tables.push_back(std::move(*record));
  }
  return tables;
}

}  // namespace tableforge::storage
