#pragma once

#include <cstddef>
#include <cstdint>

namespace tableforge::cache {

/// What a policy knows of one entry. Part of the entry itself, so that it costs no allocation.
struct PolicyNode {
  PolicyNode *newer = nullptr;
  PolicyNode *older = nullptr;
  std::uint64_t hash = 0;
  std::uint32_t weight = 0;
  std::uint32_t place = 0;  // Where the policy keeps what it knows of it.
};

/// Nodes from the newest to the oldest, linked through themselves. A node is in one list at a time.
///
/// Threads: one.
/// Owns:    nothing.
class PolicyList {
 public:
  [[nodiscard]] bool empty() const { return oldest_ == nullptr; }
  [[nodiscard]] PolicyNode *oldest() const { return oldest_; }
  [[nodiscard]] std::size_t weight() const { return weight_; }

  void push_newest(PolicyNode &node) {
    node.newer = nullptr;
    node.older = newest_;
    (newest_ == nullptr ? oldest_ : newest_->newer) = &node;
    newest_ = &node;
    weight_ += node.weight;
  }

  void remove(PolicyNode &node) {
    (node.newer == nullptr ? newest_ : node.newer->older) = node.older;
    (node.older == nullptr ? oldest_ : node.older->newer) = node.newer;
    weight_ -= node.weight;
  }

  /// All of `other` come behind the oldest of these, in constant time.
  void append(PolicyList &other) {
    if (other.empty()) return;
    other.newest_->newer = oldest_;
    (oldest_ == nullptr ? newest_ : oldest_->older) = other.newest_;
    oldest_ = other.oldest_;
    weight_ += other.weight_;
    other = {};
  }

 private:
  PolicyNode *newest_ = nullptr;
  PolicyNode *oldest_ = nullptr;
  std::size_t weight_ = 0;
};

}  // namespace tableforge::cache
