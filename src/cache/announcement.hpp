#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tableforge/cache/class.hpp"

namespace tableforge::cache {

/// One invalidation, as instances tell it to each other: `sender class version key`, separated by single spaces.
struct Announcement {
  std::string_view sender;
  CacheClass cls;
  Version version;
  std::string_view key;  ///< Everything behind the third space.
};

std::string encode_announcement(Announcement const &announcement);

/// The views are into `text`. None for anything else than encode_announcement() makes.
std::optional<Announcement> decode_announcement(std::string_view text);

}  // namespace tableforge::cache
