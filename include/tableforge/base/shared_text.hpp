#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace tableforge {

/// A text that never changes and that all its copies share: a pointer in size, and no copy of the letters.
///
/// For what is kept in many places for long, as the name of a client is.
///
/// Threads: as a std::string; copies may be in the hands of different threads.
/// Owns:    a share of the letters. The empty text has none.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string_view text);  // NOLINT(google-explicit-constructor): it stands wherever a string does.
  SharedText(char const *text) : SharedText(std::string_view(text)) {}         // NOLINT(google-explicit-constructor)
  SharedText(std::string const &text) : SharedText(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  ~SharedText() { let_go(); }
  SharedText(SharedText const &other) noexcept : letters_(other.letters_) { take_hold(); }
  SharedText(SharedText &&other) noexcept : letters_(std::exchange(other.letters_, nullptr)) {}
  SharedText &operator=(SharedText other) noexcept {
    std::swap(letters_, other.letters_);
    return *this;
  }

  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)
  [[nodiscard]] std::string_view view() const;
  [[nodiscard]] bool empty() const { return letters_ == nullptr; }
  [[nodiscard]] std::size_t size() const { return view().size(); }
  /// What the letters take of the heap; every one that shares them says so.
  [[nodiscard]] std::size_t held_bytes() const;

  friend bool operator==(SharedText const &a, SharedText const &b) {
    return a.letters_ == b.letters_ || a.view() == b.view();
  }
  friend std::strong_ordering operator<=>(SharedText const &a, SharedText const &b) { return a.view() <=> b.view(); }

 private:
  struct Letters;

  void take_hold() const;
  void let_go();

  Letters *letters_ = nullptr;
};

}  // namespace tableforge

template <>
struct std::hash<tableforge::SharedText> {
  std::size_t operator()(tableforge::SharedText const &text) const noexcept {
    return std::hash<std::string_view>{}(text.view());
  }
};
