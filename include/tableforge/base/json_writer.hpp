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

  /// `name` is one of ours: nothing in it needs escaping.
  void key(std::string_view name) {
    append(name.size() + 4, [&](char *out) {
      if (comma_due_) *out++ = ',';
      *out++ = '"';
      out += name.copy(out, name.size());
      *out++ = '"';
      *out++ = ':';
      return out;
    });
    comma_due_ = false;
  }

  void string(std::string_view text);

  /// A text of `size` bytes, none of which needs escaping, that `write(out)` puts down.
  template <class Write>
  void plain_string(std::size_t size, Write &&write) {
    append(size + 3, [&](char *out) {
      if (comma_due_) *out++ = ',';
      *out++ = '"';
      write(out);
      out += size;
      *out++ = '"';
      return out;
    });
    comma_due_ = true;
  }

  template <std::integral I>
  void number(I value) {
    write_number<24>(value);
  }

  /// The shortest text that reads back as the same value; `value` is finite.
  void number(double value) {
    // Small whole numbers, which most are, look the same as integers and are quicker to write so. There is no -0 of
    // them.
    auto const whole = std::abs(value) < 1e5 ? static_cast<std::int64_t>(value) : 0;
    if (whole != 0 && static_cast<double>(whole) == value) {
      write_number<24>(whole);
    } else {
      write_number<32>(value);
    }
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
  /// Appends what `write(out)` puts down, which is up to `size_max` bytes, and which returns what is behind it.
  template <class Write>
  void append(std::size_t size_max, Write &&write) {
    auto const size = out_.size();
    out_.resize_and_overwrite(size + size_max, [&](char *begin, std::size_t) {
      return static_cast<std::size_t>(write(begin + size) - begin);
    });
  }

  template <std::size_t size_max, class N>
  void write_number(N value) {
    append(size_max + 1, [&](char *out) {
      if (comma_due_) *out++ = ',';
      return std::to_chars(out, out + size_max, value).ptr;
    });
    comma_due_ = true;
  }

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
