#include "relay/company.hpp"

#include <algorithm>
#include <utility>

namespace tableforge::relay {

namespace {

/// All lists are kept in order.
bool contains(std::vector<PlayerId> const &players, PlayerId player) {
  return std::ranges::binary_search(players, player);
}

}  // namespace

Company::Other *Company::find(Uuid const &instance) {
  auto const found = std::ranges::find(others_, instance, &Other::instance);
  return found == others_.end() ? nullptr : &*found;
}

bool Company::knows(Uuid const &instance) const {
  return std::ranges::find(others_, instance, &Other::instance) != others_.end();
}

bool Company::online(PlayerId player) const {
  return std::ranges::any_of(others_, [&](Other const &other) { return contains(other.online, player); });
}

std::vector<PlayerId> Company::online_of(Uuid const &instance) const {
  auto const found = std::ranges::find(others_, instance, &Other::instance);
  return found == others_.end() ? std::vector<PlayerId>{} : found->online;
}

Company::Change Company::replace(Uuid const &instance, std::vector<PlayerId> online) {
  auto *const other = find(instance);
  std::ranges::sort(online);
  online.erase(std::ranges::unique(online).begin(), online.end());
  auto const before = std::exchange(other->online, {});
  Change change;
  // What the others say decides whether this one makes a difference.
  for (auto const player : before) {
    if (!contains(online, player) && !this->online(player)) change.left.push_back(player);
  }
  for (auto const player : online) {
    if (!contains(before, player) && !this->online(player)) change.came.push_back(player);
  }
  other->online = std::move(online);
  return change;
}

Company::Change Company::greeted(Uuid const &instance, std::vector<PlayerId> online, Clock::time_point now) {
  bool const first_heard = !knows(instance);
  if (first_heard) {
    if (others_.size() >= kInstancesMax) return {};
    others_.push_back({.instance = instance, .heard_at = now, .online = {}});
  }
  heard(instance, now);
  auto change = replace(instance, std::move(online));
  change.first_heard = first_heard;
  return change;
}

Company::Change Company::parted(Uuid const &instance) {
  if (!knows(instance)) return {};
  auto change = replace(instance, {});
  std::erase_if(others_, [&](Other const &other) { return other.instance == instance; });
  if (others_.empty()) others_.shrink_to_fit();
  return change;
}

Company::Change Company::came(Uuid const &instance, PlayerId player) {
  if (!knows(instance)) return {};
  auto online = online_of(instance);
  if (online.size() >= kOnlineMax) return {};
  online.push_back(player);
  return replace(instance, std::move(online));
}

Company::Change Company::left(Uuid const &instance, PlayerId player) {
  if (!knows(instance)) return {};
  auto online = online_of(instance);
  std::erase(online, player);
  return replace(instance, std::move(online));
}

Company::Change Company::forget(Clock::time_point oldest) {
  Change all;
  for (;;) {
    auto const late = std::ranges::find_if(others_, [&](Other const &other) { return other.heard_at < oldest; });
    if (late == others_.end()) return all;
    auto const change = parted(Uuid(late->instance));
    all.left.insert(all.left.end(), change.left.begin(), change.left.end());
    ++all.forgotten;
  }
}

void Company::heard(Uuid const &instance, Clock::time_point now) {
  if (auto *const other = find(instance)) other->heard_at = std::max(other->heard_at, now);
}

}  // namespace tableforge::relay
