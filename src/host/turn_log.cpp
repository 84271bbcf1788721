#include "tableforge/host/turn_log.hpp"

#include <algorithm>
#include <utility>

namespace tableforge::host {

namespace {

// A table that was busy once must not hold on to what a single large turn took.
constexpr std::size_t kEntriesKept = 16;

template <class T>
void empty_out(std::vector<T> &list) {
  if (list.capacity() > kEntriesKept) {
    std::vector<T>().swap(list);
  } else {
    list.clear();
  }
}

}  // namespace

std::shared_ptr<std::string> TurnMemory::take() {
  if (spare_.empty()) return std::make_shared<std::string>();
  auto memory = std::move(spare_.back());
  spare_.pop_back();
  return memory;
}

void TurnMemory::give_back(std::shared_ptr<std::string> memory) {
  if (memory.use_count() > 1 || memory->capacity() > kKeptBytes || spare_.size() >= kKept) return;
  memory->clear();
  spare_.push_back(std::move(memory));
}

void TurnLog::say(std::string_view message, std::span<MemberId const> but) { add(message, but, false, nullptr); }

void TurnLog::tell(std::string_view message, std::span<MemberId const> only) { add(message, only, true, nullptr); }

void TurnLog::show(std::string_view message, PresenceKey const &key, std::span<MemberId const> but) {
  add(message, but, false, &key);
}

void TurnLog::show_to(std::string_view message, PresenceKey const &key, std::span<MemberId const> only) {
  add(message, only, true, &key);
}

void TurnLog::add(std::string_view message, std::span<MemberId const> names, bool only, PresenceKey const *key) {
  if (!memory_) memory_ = spare_.take();
  Entry entry{.begin = static_cast<std::uint32_t>(memory_->size()),
              .end = 0,
              .count = 1,
              .names_begin = static_cast<std::uint32_t>(names_.size()),
              .names_end = 0,
              .key = kNoKey,
              .only = only};
  framer_(*memory_, message);
  entry.end = static_cast<std::uint32_t>(memory_->size());
  names_.insert(names_.end(), names.begin(), names.end());
  entry.names_end = static_cast<std::uint32_t>(names_.size());
  if (key != nullptr) {
    entry.key = static_cast<std::uint32_t>(keys_.size());
    keys_.push_back(*key);
  }
  if (!sealed_ && entry.plain() && !entries_.empty() && entries_.back().plain()) {
    entries_.back().end = entry.end;
    ++entries_.back().count;
    return;
  }
  sealed_ = false;
  entries_.push_back(entry);
}

std::uint32_t TurnLog::mark() {
  sealed_ = true;
  return static_cast<std::uint32_t>(entries_.size());
}

bool TurnLog::meant_for(Entry const &entry, MemberId member) const {
  auto const names = std::span(names_).subspan(entry.names_begin, entry.names_end - entry.names_begin);
  bool const named = std::ranges::find(names, member) != names.end();
  return named == entry.only;
}

void TurnLog::clear() {
  if (memory_) spare_.give_back(std::exchange(memory_, nullptr));
  empty_out(entries_);
  empty_out(names_);
  empty_out(keys_);
  sealed_ = false;
}

void TurnLog::let_go() {
  entries_.shrink_to_fit();
  names_.shrink_to_fit();
  keys_.shrink_to_fit();
}

}  // namespace tableforge::host
