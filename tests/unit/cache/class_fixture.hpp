#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "tableforge/cache/class.hpp"
#include "tableforge/knobs/knobs.hpp"

namespace tableforge::cache {

/// Two classes of texts with their knobs: what a test of the cache reads.
struct Texts {
  Knobs knobs;
  Class<std::string> changing{of(CacheClass::lobby_page, Mutability::mutable_, knobs.cache_lobby_page)};
  Class<std::string> fixed{of(CacheClass::history_page, Mutability::immutable, knobs.cache_history_page)};

  static Class<std::string>::Spec of(CacheClass id, Mutability mutability, CacheKnobs const &knobs) {
    return {.id = id,
            .mutability = mutability,
            .knobs = knobs,
            .bytes = [](std::string const &text) { return sizeof(text) + text.capacity(); },
            .encode = [](std::string const &text) { return "text:" + text; },
            .decode = [](std::string_view bytes) -> Result<std::shared_ptr<std::string const>> {
              if (!bytes.starts_with("text:")) return fail(Errc::corrupt, "no text");
              return std::make_shared<std::string const>(bytes.substr(5));
            }};
  }
};

inline std::shared_ptr<std::string const> text(std::string value) {
  return std::make_shared<std::string const>(std::move(value));
}

}  // namespace tableforge::cache
