#include "log/line.hpp"

#include <cmath>
#include <concepts>
#include <iterator>

#include <spdlog/fmt/fmt.h>

namespace tableforge::log {

namespace {

/// Long enough for any message of ours and for a useful piece of somebody else's.
constexpr std::size_t kStringBytesMax = 512;
/// Room for the mark that fields were left out.
constexpr std::size_t kMarkBytes = 16;

std::string_view level_word(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warn: return "warn";
    case Level::error: return "error";
  }
  return "error";
}

/// Cut between characters, so that what was UTF-8 stays UTF-8.
std::string_view shortened(std::string_view text) {
  if (text.size() <= kStringBytesMax) return text;
  std::size_t end = kStringBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

/// Quoted and escaped as JSON. Control characters never reach a terminal or split a line; bytes that are no ASCII
/// are kept, unless they cannot be UTF-8 at all.
void append_quoted(std::string &out, std::string_view text) {
  out += '"';
  for (char const c : shortened(text)) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

/// Length of the well-formed UTF-8 character at the start of `text`, 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char const first = byte(0);
  if (first < 0x80) return 1;
  std::size_t const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond Unicode.
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) || (first == 0xf0 && byte(1) < 0x90) ||
      (first == 0xf4 && byte(1) > 0x8f)) {
    return 0;
  }
  return length;
}

std::string repaired(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t const length = utf8_length(text);
    if (length == 0) {
      out += '?';
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

bool plain(std::string_view text) {
  for (char const c : text) {
    if (c <= ' ' || c > '~' || c == '"' || c == '=' || c == '\\') return false;
  }
  return !text.empty();
}

enum class Form { text, json };

void append_value(std::string &out, Field::Value const &value, Form form) {
  std::visit(
      [&](auto const &held) {
        using T = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::convertible_to<T, std::string_view>) {
          std::string_view const text(held);
          if (form == Form::text && plain(text)) {
            out += shortened(text);
          } else {
            append_quoted(out, repaired(shortened(text)));
          }
        } else if constexpr (std::same_as<T, bool>) {
          out += held ? "true" : "false";
        } else if constexpr (std::same_as<T, double>) {
          // JSON has no word for them.
          if (form == Form::json && !std::isfinite(held)) {
            out += "null";
          } else {
            fmt::format_to(std::back_inserter(out), "{:g}", held);
          }
        } else {
          fmt::format_to(std::back_inserter(out), "{}", held);
        }
      },
      value);
}

void append_fields(std::string &out, std::span<Field const> fields, std::size_t bytes_max, Form form) {
  std::string one;
  for (Field const &field : fields) {
    one.clear();
    if (form == Form::json) {
      one += ',';
      append_quoted(one, field.key());
      one += ':';
    } else {
      one += ' ';
      one += field.key();
      one += '=';
    }
    append_value(one, field.value(), form);
    if (out.size() + one.size() + kMarkBytes > bytes_max) {
      out += form == Form::json ? ",\"cut\":true" : " cut=true";
      return;
    }
    out += one;
  }
}

}  // namespace

std::string text_line(Level level, std::string_view message, std::span<Field const> fields, std::size_t bytes_max) {
  std::string out = fmt::format("{:<5} ", level_word(level));
  // A message is a literal of ours: nothing in it needs quoting.
  out += shortened(message);
  append_fields(out, fields, bytes_max, Form::text);
  return out;
}

std::string json_line(Level level, std::string_view message, std::span<Field const> fields, std::size_t bytes_max) {
  std::string out = fmt::format("\"level\":\"{}\",\"message\":", level_word(level));
  append_quoted(out, message);
  append_fields(out, fields, bytes_max, Form::json);
  return out;
}

}  // namespace tableforge::log
