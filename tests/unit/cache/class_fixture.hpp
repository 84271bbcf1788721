#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tableforge/cache/class.hpp"
#include "tableforge/knobs/knobs.hpp"

namespace tableforge::cache {

/// Two classes of texts with their knobs: what a test of the cache reads.
struct Texts {
  Knobs knobs;
  /// What the origin says of values that were served: nothing is newer, unless a test says otherwise.
  Class<std::string>::Unseens unseen = [](auto...) { return has_seen_all(); };
  Class<std::string> changing{[this] {
    auto spec = of(CacheClass::lobby_page, Mutability::mutable_, knobs.cache_lobby_page);
    spec.unseen = [this](std::string key, auto value, Version version) {
      return unseen(std::move(key), std::move(value), version);
    };
    return spec;
  }()};
  Class<std::string> fixed{of(CacheClass::history_page, Mutability::immutable, knobs.cache_history_page)};

  static asio::awaitable<Unseen> has_seen_all() { co_return std::nullopt; }
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
