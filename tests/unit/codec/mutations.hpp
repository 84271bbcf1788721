#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace tableforge::codec::test {

/// Whether the path leads beyond the first two of a list, of which the rest are alike.
inline bool among_the_rest(nlohmann::json::json_pointer at) {
  for (; !at.empty(); at.pop_back()) {
    auto const &part = at.back();
    bool const index = part.find_first_not_of("0123456789") == std::string::npos;
    if (index && part != "0" && part != "1") return true;
  }
  return false;
}

/// The document with each of its values in turn replaced by something of another kind, and with each left out.
inline std::vector<std::string> with_one_value_wrong(std::string const &text) {
  using Json = nlohmann::json;
  auto const original = Json::parse(text);
  std::vector<std::string> broken;
  auto const flat = original.flatten();  // Held, because not every compiler keeps a temporary for the whole loop yet.
  for (auto const &[path, unused] : flat.items()) {
    Json::json_pointer const at(path);
    if (among_the_rest(at)) continue;
    for (auto const &wrong : {Json(nullptr), Json(-1), Json(1e300), Json("?"), Json::array(), Json::object(),
                              Json(true), Json(18'446'744'073'709'551'615U)}) {
      auto document = original;
      document[at] = wrong;
      broken.push_back(document.dump());
    }
    auto document = original;
    auto &parent = document[at.parent_pointer()];
    if (!parent.is_object()) continue;
    parent.erase(at.back());
    broken.push_back(document.dump());
  }
  return broken;
}

}  // namespace tableforge::codec::test
