#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "tableforge/base/result.hpp"

/// One line per event, with a message that never varies and fields that carry what does.
///
/// Threads: any; init() belongs to boot, before other threads log.
/// Bounds:  a line is at most `kLineBytesMax` long: long strings are cut, then fields are left out and "cut" says so.
///          A writer waits at most `kStallWaitMax` for a reader of stderr that has stopped reading; from then on lines
///          are dropped at once, and the first one that gets through again tells how many were lost.
/// Errors:  none; a log that cannot be written is counted, not reported.
namespace tableforge::log {

/// One page: a pipe that is writable at all takes this much without blocking.
inline constexpr std::size_t kLineBytesMax = 4'096;
inline constexpr std::chrono::milliseconds kStallWaitMax{10};

enum class Level : std::uint8_t { debug, info, warn, error };

/// Something that prints itself, as ids and UUIDs do.
template <class T>
concept HasText = requires(T const &value) {
  { value.text() } -> std::convertible_to<std::string>;
};
template <class T>
concept IdWithText = requires(T const &id) { id.value; } && HasText<std::remove_cvref_t<decltype(T::value)>>;
template <class T>
concept IdOfText = requires(T const &id) {
  { id.value } -> std::convertible_to<std::string_view>;
};

/// A key and a value of one line. Views the caller's strings, so it lives as long as the call that logs.
class Field {
 public:
  using Value = std::variant<std::string_view, std::string, std::int64_t, std::uint64_t, double, bool>;

  Field(std::string_view key, std::string_view value) : key_(key), value_(value) {}
  Field(std::string_view key, std::string const &value) : key_(key), value_(std::string_view(value)) {}
  Field(std::string_view key, char const *value) : key_(key), value_(std::string_view(value)) {}
  Field(std::string_view key, bool value) : key_(key), value_(value) {}
  Field(std::string_view key, std::floating_point auto value) : key_(key), value_(static_cast<double>(value)) {}
  Field(std::string_view key, std::unsigned_integral auto value)
      : key_(key), value_(static_cast<std::uint64_t>(value)) {}
  Field(std::string_view key, std::signed_integral auto value) : key_(key), value_(static_cast<std::int64_t>(value)) {}
  Field(std::string_view key, HasText auto const &value) : key_(key), value_(value.text()) {}
  Field(std::string_view key, IdWithText auto const &id) : key_(key), value_(id.value.text()) {}
  Field(std::string_view key, IdOfText auto const &id) : key_(key), value_(std::string_view(id.value)) {}
  Field(std::string_view key, Error const &error) : key_(key), value_(error.text) {}
  /// Durations are written in seconds; name the key accordingly (`wait_seconds`).
  template <class Rep, class Period>
  Field(std::string_view key, std::chrono::duration<Rep, Period> value)
      : key_(key), value_(std::chrono::duration<double>(value).count()) {}

  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] Value const &value() const { return value_; }

 private:
  std::string_view key_;
  Value value_;
};

using Fields = std::initializer_list<Field>;

struct Options {
  Level level = Level::info;
  bool json = false;
  /// Takes each finished line, with its newline, instead of stderr.
  std::function<void(std::string_view)> sink = nullptr;
};

/// Replaces the destination and form of all later lines. Without it: text, info and above, to stderr.
void init(Options options);

/// Lines that were not written, since the process began.
struct NotWritten {
  std::uint64_t suppressed = 0;  ///< Because their like came too often.
  std::uint64_t lost = 0;        ///< Because whoever reads stderr does not.
};
[[nodiscard]] NotWritten not_written();
void count_suppressed();

/// Whether a line of this level would be written: ask before gathering fields that cost something.
bool enabled(Level level);

void write_span(Level level, std::string_view message, std::span<Field const> fields);
inline void write(Level level, std::string_view message, Fields fields = {}) {
  write_span(level, message, {fields.begin(), fields.size()});
}
inline void debug(std::string_view message, Fields fields = {}) { write(Level::debug, message, fields); }
inline void info(std::string_view message, Fields fields = {}) { write(Level::info, message, fields); }
inline void warn(std::string_view message, Fields fields = {}) { write(Level::warn, message, fields); }
inline void error(std::string_view message, Fields fields = {}) { write(Level::error, message, fields); }

}  // namespace tableforge::log
