#include "tableforge/cache/policy.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "tableforge/base/stable_hash.hpp"

namespace tableforge::cache {
namespace {

// What was learnt counts 0.99 of it after as many accesses as there are entries: 100 times the entries are remembered.
constexpr double kKept = 0.99;
// Where worth jumps to and fro, what was kept for long leaves just before it is asked for. Below a half a load that
// changes has changed again before it is followed: 0.02 on multi1.
constexpr double kFollowed = 0.6;
constexpr std::size_t kBurst = 16;
constexpr std::size_t kEntriesMin = 64;
// It learns once in so many accesses, by the entries. Between a third and three eighths nothing is better by 0.0005.
constexpr double kLearnAfter = 0.36;
// Where not all are followed, to look for those who are is most of the work: a fifth of what a hit costs otherwise.
constexpr double kLearnAfterWhereMany = 1.44;
// Learning passes over 45 KiB, however few entries there are.
constexpr std::size_t kLearnAccessesMin = 512;
// Of more entries not all are followed.
constexpr std::size_t kFollowedMax = 4096;
// Of the past of keys that are not here one place in so many is looked at each time.
constexpr std::size_t kStride = 8;
constexpr ReuseTimes::Time kAgeMax = ReuseTimes::Time{1} << 31;

}  // namespace

Policy::Policy(std::size_t weight_max, std::uint64_t seed, std::size_t past_bytes_max)
    : weight_max_(weight_max), past_bytes_max_(past_bytes_max), random_(StableHash().add(seed).value() | 1) {
  make_for(kEntriesMin);
}

void Policy::touch(Node &node) {
  ++now_;
  tell(places_[node.place].past);
  asked();
}

void Policy::miss(std::uint64_t hash) {
  ++now_;
  if (auto *const known = past_keys_.find(hash)) {
    tell(*known);
  } else {
    remember(hash, {.asked_at = now_, .tag = PastKeys::tag_of(hash), .count = 1, .kind = ReuseTimes::kind_of_new(1)});
  }
  asked();
}

void Policy::add(Node &node, List &evicted) {
  KeyPast past{.asked_at = now_, .tag = PastKeys::tag_of(node.hash), .count = 0, .kind = ReuseTimes::kind_of_new(0)};
  if (auto *const known = past_keys_.find(node.hash)) past = std::exchange(*known, {});
  node.place = static_cast<std::uint32_t>(places_.size());
  places_.push_back({.node = &node, .past = past, .weight = node.weight});
  nodes_.push_newest(node);
  if (size() > made_for_) make_for(size());
  make_room_for(node, evicted);
}

void Policy::reweigh(Node &node, std::uint32_t weight, List &evicted) {
  nodes_.remove(node);
  node.weight = places_[node.place].weight = weight;
  nodes_.push_newest(node);
  make_room_for(node, evicted);
}

void Policy::remove(Node &node) {
  remember(node.hash, places_[node.place].past);
  nodes_.remove(node);
  auto const &last = places_.back();
  last.node->place = node.place;
  places_[node.place] = last;
  places_.pop_back();
}

void Policy::clear(List &evicted) {
  evicted.append(nodes_);
  places_.clear();
}

void Policy::set_weight_max(std::size_t weight_max, std::size_t past_bytes_max) {
  weight_max_ = weight_max;
  past_bytes_max_ = past_bytes_max;
  past_keys_.make_for(made_for_, past_bytes_max_);
}

bool Policy::trim(std::size_t evictions_max, List &evicted) {
  for (std::size_t left = evictions_max; weight() > weight_max_; --left) {
    if (left == 0) return false;
    Sample buffer;
    evict(*std::ranges::min_element(take_sample(buffer, nullptr), {}, &Sampled::by_weight)->node, evicted);
  }
  return true;
}

/// Its key was asked for now.
void Policy::tell(KeyPast &past) {
  auto const gap = now_ - past.asked_at;
  if (followed(past)) {
    observe(past, 1);
    times_.asked_again(past.kind, gap);
  }
  bool const in_burst = past.count > 0 && std::size_t{gap} * kBurst <= made_for_;
  if (!in_burst && past.count < std::numeric_limits<std::uint8_t>::max()) ++past.count;
  past.kind = times_.kind_of(past.count, gap);
  past.asked_at = now_;
}

/// Until now its key was not asked for, and what was before the latest learn() is told already.
void Policy::observe(KeyPast const &past, float keys) {
  auto const age = now_ - past.asked_at;
  times_.waited(past.kind, age - std::min(age, now_ - learnt_at_), age, keys);
}

void Policy::remember(std::uint64_t hash, KeyPast const &past) {
  auto &place = past_keys_.place_for(hash, now_);
  if (place.known() && followed(place)) observe(place, 1);
  place = past;
}

void Policy::asked() {
  if (now_ - learnt_at_ >= learn_after_) learn();
}

void Policy::learn() {
  auto const look_at = [this](KeyPast &past, float keys) {
    if (followed(past)) observe(past, keys);
    if (now_ - past.asked_at > kAgeMax) past.asked_at = now_ - kAgeMax;
  };
  for (auto &place : places_) look_at(place.past, 1);
  auto const others = past_keys_.places();
  for (auto i = stride_begin_++ % kStride; i < others.size(); i += kStride) {
    if (others[i].known()) look_at(others[i], kStride);
  }
  times_.learn(std::pow(kKept, static_cast<double>(now_ - learnt_at_) / static_cast<double>(made_for_)), kFollowed);
  learnt_at_ = now_;
}

void Policy::make_for(std::size_t entries) {
  made_for_ = std::bit_ceil(std::max(entries, kEntriesMin));
  past_keys_.make_for(made_for_, past_bytes_max_);
  times_.make_for(made_for_);
  auto const learn_after = made_for_ <= kFollowedMax ? kLearnAfter : kLearnAfterWhereMany;
  learn_after_ = std::max(static_cast<std::size_t>(static_cast<double>(made_for_) * learn_after), kLearnAccessesMin);
  followed_mask_ = static_cast<std::uint16_t>(std::max(made_for_ / kFollowedMax, std::size_t{1}) - 1);
}

void Policy::make_room_for(Node &node, List &evicted) {
  // While there is room the number of entries says nothing of how many there is room for.
  if (weight() > weight_max_ && size() < made_for_ / 4) make_for(size());
  while (weight() > weight_max_) {
    Sample buffer;
    auto const sample = take_sample(buffer, &node);
    auto const victims = choose_victims(node, sample);
    if (victims == 0) return evict(node, evicted);
    for (auto const &victim : sample.first(victims)) evict(*victim.node, evicted);
  }
}

/// Those worth least come first in the sample, so many as must leave for the node; none if they are worth as much as
/// it. Where all together are too few they speak for the rest.
std::size_t Policy::choose_victims(Node const &node, std::span<Sampled> sample) const {
  auto const worth = sampled(places_[node.place]).worth;
  auto const needed = static_cast<float>(weight() - weight_max_);
  float freed = 0;
  float lost = 0;
  std::size_t victims = 0;
  while (victims < sample.size() && freed < needed && lost < worth) {
    auto const rest = sample.subspan(victims++);
    std::ranges::iter_swap(rest.begin(), std::ranges::min_element(rest, {}, &Sampled::by_weight));
    freed += rest.front().weight;
    lost += rest.front().worth;
  }
  if (freed < needed && freed > 0) lost *= needed / freed;
  return lost < worth ? victims : 0;
}

void Policy::evict(Node &node, List &evicted) {
  remove(node);
  evicted.push_newest(node);
}

/// Neighbours from somewhere: what came together is soon mixed with what took the place of others.
std::span<Policy::Sampled> Policy::take_sample(Sample &sample, Node const *except) {
  auto const count = std::min(places_.size(), kSample);
  auto const begin = random_below(places_.size());
  std::size_t taken = 0;
  for (std::size_t i = begin; i < begin + count; ++i) {
    auto const &place = places_[i < places_.size() ? i : i - places_.size()];
    if (place.node != except) sample[taken++] = sampled(place);
  }
  return std::span(sample).first(taken);
}

Policy::Sampled Policy::sampled(Place const &place) const {
  auto const worth = times_.worth(place.past.kind, now_ - place.past.asked_at);
  return {.node = place.node, .worth = worth, .weight = static_cast<float>(std::max(place.weight, 1U))};
}

/// Marsaglia's xorshift64, of which the upper half is taken.
std::size_t Policy::random_below(std::size_t end) {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return (random_ >> 32) * end >> 32;
}

}  // namespace tableforge::cache
