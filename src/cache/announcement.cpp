#include "cache/announcement.hpp"

#include <algorithm>
#include <charconv>

namespace tableforge::cache {

namespace {

/// The text up to the next space, which is taken too. None if there is no space.
std::optional<std::string_view> take_word(std::string_view &rest) {
  auto const space = rest.find(' ');
  if (space == std::string_view::npos || space == 0) return std::nullopt;
  std::string_view const word = rest.substr(0, space);
  rest.remove_prefix(space + 1);
  return word;
}

}  // namespace

std::string encode_announcement(Announcement const &announcement) {
  std::string text(announcement.sender);
  text += ' ';
  text += Words<CacheClass>::words[static_cast<std::size_t>(announcement.cls)];
  text += ' ';
  text += std::to_string(announcement.version);
  text += ' ';
  text += announcement.key;
  return text;
}

std::optional<Announcement> decode_announcement(std::string_view text) {
  auto const sender = take_word(text);
  auto const cls = sender ? take_word(text) : std::nullopt;
  auto const version = cls ? take_word(text) : std::nullopt;
  if (!version || text.empty()) return std::nullopt;
  auto const &words = Words<CacheClass>::words;
  auto const known = std::ranges::find(words, *cls);
  Announcement announcement{.sender = *sender, .cls = {}, .version = 0, .key = text};
  auto const [end, code] = std::from_chars(version->data(), version->data() + version->size(), announcement.version);
  if (known == words.end() || code != std::errc{} || end != version->data() + version->size()) return std::nullopt;
  announcement.cls = static_cast<CacheClass>(known - words.begin());
  return announcement;
}

}  // namespace tableforge::cache
