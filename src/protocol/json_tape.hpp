#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tableforge::protocol {

/// One value of a document on a tape; what is inside a list or an object stands right behind it.
class JsonNode {
 public:
  enum class Kind : std::uint8_t { null, boolean, integer, large_integer, real, text, list, object };

  JsonNode() = default;
  static JsonNode empty_object() { return JsonNode(Kind::object); }

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] bool is(Kind kind) const { return kind_ == kind; }
  [[nodiscard]] bool is_number() const { return kind_ >= Kind::integer && kind_ <= Kind::real; }

  // Each only of its own kind.
  [[nodiscard]] bool boolean() const { return value_.boolean; }
  [[nodiscard]] std::int64_t integer() const { return value_.integer; }
  /// Between 2^63 and 2^64; what is larger yet, or more negative than an integer can be, is real.
  [[nodiscard]] std::uint64_t large_integer() const { return value_.large_integer; }
  [[nodiscard]] std::string_view text() const { return {value_.chars, size_}; }
  /// Of any number.
  [[nodiscard]] double number() const {
    if (kind_ == Kind::integer) return static_cast<double>(value_.integer);
    if (kind_ == Kind::large_integer) return static_cast<double>(value_.large_integer);
    return value_.real;
  }

  /// Elements of a list; members of an object, where a repeated name counts each time.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] JsonNode const *first() const { return this + 1; }
  /// The one after this and all that is inside it.
  [[nodiscard]] JsonNode const *next() const { return this + nodes_; }

  /// Calls f(element) for each element of a list.
  template <class F>
  void for_each_element(F &&f) const {
    for (auto const *each = first(); each != next(); each = each->next()) f(*each);
  }
  /// Calls f(name, value) for each member of an object, in the order of the text.
  template <class F>
  void for_each_member(F &&f) const {
    for (auto const *name = first(); name != next(); name = (name + 1)->next()) f(name->text(), name[1]);
  }
  /// The value of an object's last member of that name, which is the one that counts; nullptr if there is none.
  [[nodiscard]] JsonNode const *find(std::string_view name) const {
    JsonNode const *found = nullptr;
    for_each_member([&](std::string_view each, JsonNode const &value) {
      if (each == name) found = &value;
    });
    return found;
  }

 private:
  friend class JsonScan;

  explicit JsonNode(Kind kind) : kind_(kind), nodes_(1), size_(0) {}

  Kind kind_;
  std::uint32_t nodes_;
  std::uint32_t size_;  // Bytes of a text as well.
  union {
    bool boolean;
    std::int64_t integer;
    std::uint64_t large_integer;
    double real;
    char const *chars;
  } value_;
};

/// A JSON document, scanned once into a flat list of nodes: strict RFC 8259 (only valid UTF-8, no lone surrogates, no
/// number that a double cannot hold, nothing after the document), taken in the way nlohmann::json takes it: a byte
/// order mark is skipped, and of the members of one name, all of which stand here, the last counts.
///
/// Texts are views into what was scanned, except for those with escapes, which live in the tape. Both are valid until
/// the next scan.
///
/// Threads: any one at a time.
/// Bounds:  memory stays at what the largest document took, about 26 bytes for each of its bytes at most; a text has up
///          to 4 GiB.
/// Errors:  data.
class JsonTape {
 public:
  /// False if the text is no such document or nests deeper than `nesting_max`.
  bool scan(std::string_view text, std::size_t nesting_max);

  /// The document of the last scan that succeeded.
  [[nodiscard]] JsonNode const &root() const { return nodes_[0]; }

 private:
  friend class JsonScan;

  std::unique_ptr<JsonNode[]> nodes_;
  std::size_t nodes_capacity_ = 0;
  std::unique_ptr<char[]> unescaped_;
  std::size_t unescaped_capacity_ = 0;
};

}  // namespace tableforge::protocol
