#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace tableforge {

/// Appends JSON text to a string the caller owns: the hot way out, without a document in between.
///
/// Strings are expected to be valid UTF-8, as everything is that decode let in.
/// Bounds: the nesting is the caller's; nothing is remembered but whether a comma is due.
class JsonWriter {
 public:
  explicit JsonWriter(std::string &out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  void key(std::string_view name) {
    comma();
    quote(name);
    out_ += ':';
    comma_due_ = false;
  }

  void string(std::string_view text) {
    comma();
    quote(text);
    comma_due_ = true;
  }

  template <std::integral I>
  void number(I value) {
    char digits[24];
    auto const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    raw(std::string_view(digits, static_cast<std::size_t>(end - digits)));
  }

  /// The shortest text that reads back as the same value; `value` is finite.
  void number(double value) {
    char digits[32];
    auto const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    raw(std::string_view(digits, static_cast<std::size_t>(end - digits)));
  }

  void boolean(bool value) { raw(value ? "true" : "false"); }
  void null() { raw("null"); }

  /// Text that is JSON already.
  void raw(std::string_view json) {
    comma();
    out_ += json;
    comma_due_ = true;
  }

  [[nodiscard]] std::string &out() { return out_; }

 private:
  void open(char bracket) {
    comma();
    out_ += bracket;
    comma_due_ = false;
  }
  void close(char bracket) {
    out_ += bracket;
    comma_due_ = true;
  }
  void comma() {
    if (comma_due_) out_ += ',';
  }
  void quote(std::string_view text);

  std::string &out_;
  bool comma_due_ = false;
};

}  // namespace tableforge
