#include "tableforge/cache/policy.hpp"

#include <algorithm>

#include "tableforge/base/stable_hash.hpp"

namespace tableforge::cache {
namespace {

// Of 1 %, 20 % and 50 % to begin with, the middle costs least where it is wrong.
constexpr double kShareInitial = 0.2;
// Never quite nothing: without a last fifth a part could not tell what more room would earn.
constexpr double kShareMin = 0.01;
constexpr double kShareMax = 0.99;
constexpr double kShareStep = 0.05;
constexpr double kYieldKept = 0.8;
constexpr double kProtected = 0.8;
constexpr double kYoung = 0.8;
// Fewer accesses than this say nothing, however few entries there are.
constexpr std::size_t kSampleMin = 64;
// Whoever can guess that an entry is kept by its count could raise the counts of others to keep new ones out for good.
// One in 128 of those that are asked for often comes in all the same.
constexpr unsigned kLuckyCountMin = 6;
constexpr std::uint64_t kLuckyOneIn = 128;

std::size_t part_of(std::size_t whole, double share) {
  return static_cast<std::size_t>(static_cast<double>(whole) * share);
}

}  // namespace

Policy::Policy(std::size_t weight_max, std::uint64_t seed)
    : weight_max_(weight_max), random_(StableHash().add(seed).value() | 1), window_share_(kShareInitial) {
  set_limits();
}

std::size_t Policy::window_weight() const { return segment(Segment::young).weight() + segment(Segment::old).weight(); }

std::size_t Policy::main_weight() const {
  return segment(Segment::probation).weight() + segment(Segment::protected_).weight();
}

std::size_t Policy::weight() const { return window_weight() + main_weight(); }

PolicyNode *Policy::window_tail() {
  auto *const tail = segment(Segment::old).oldest();
  return tail != nullptr ? tail : segment(Segment::young).oldest();
}

PolicyNode *Policy::main_tail() {
  auto *const tail = segment(Segment::probation).oldest();
  return tail != nullptr ? tail : segment(Segment::protected_).oldest();
}

void Policy::touch(Node &node) {
  sketch_.count(node.hash);
  if (node.segment == Segment::old) ++old_hits_;
  if (node.segment == Segment::probation) ++probation_hits_;
  bool const in_window = node.segment == Segment::young || node.segment == Segment::old;
  auto const found = recent_.ask(node.hash);
  if (!in_window && found == RecentKeys::Found::not_recent) main_only_hits_ += recent_.stands_for();
  move(node, in_window ? Segment::young : Segment::protected_);
  overflow();
  asked();
}

void Policy::miss(std::uint64_t hash) {
  sketch_.count(hash);
  if (recent_.ask(hash) == RecentKeys::Found::recent) lru_only_hits_ += recent_.stands_for();
  asked();
}

void Policy::add(Node &node, List &evicted) {
  ++size_;
  sketch_.make_for(size_);
  recent_.make_for(size_);
  enter(node);
  make_room(evicted);
}

void Policy::reweigh(Node &node, std::uint32_t weight, List &evicted) {
  segment(node.segment).remove(node);
  bool const stays = weight <= std::max(std::size_t{node.weight}, window_max_);
  node.weight = weight;
  if (stays) {
    segment(node.segment).push_newest(node);
  } else {
    enter(node);
  }
  make_room(evicted);
}

void Policy::remove(Node &node) {
  segment(node.segment).remove(node);
  --size_;
}

void Policy::clear(List &evicted) {
  for (auto &each : segments_) evicted.append(each);
  size_ = 0;
}

void Policy::set_weight_max(std::size_t weight_max) {
  weight_max_ = weight_max;
  set_limits();
}

bool Policy::trim(std::size_t evictions_max, List &evicted) {
  for (std::size_t left = evictions_max; weight() > weight_max_; --left) {
    if (left == 0) return false;
    bool const from_window = window_weight() > window_max_ || main_tail() == nullptr;
    evict(from_window ? *window_tail() : *main_tail(), evicted);
  }
  return true;
}

void Policy::move(Node &node, Segment to) {
  segment(node.segment).remove(node);
  node.segment = to;
  segment(to).push_newest(node);
}

/// What is too large for the window competes at once, or it would push out all that is in there first.
void Policy::enter(Node &node) {
  bool const fits = node.weight <= window_max_;
  node.segment = fits ? Segment::young : Segment::old;
  if (fits) {
    segment(Segment::young).push_newest(node);
  } else {
    segment(Segment::old).push_oldest(node);
  }
}

void Policy::evict(Node &node, List &evicted) {
  remove(node);
  evicted.push_newest(node);
  ++evicted_;
}

void Policy::asked() {
  if (++asked_ >= std::max(size_, kSampleMin)) adapt();
}

void Policy::set_limits() {
  window_max_ = part_of(weight_max_, window_share_);
  young_max_ = part_of(window_max_, kYoung);
  protected_max_ = part_of(weight_max_ - window_max_, kProtected);
  migrating_ = true;
}

/// The newest stays where it is even if it alone is too large for its segment: it was asked for just now.
void Policy::overflow() {
  auto const shift = [this](Segment from, std::size_t weight_max, Segment to) {
    for (std::size_t moves = 0; moves < kMovesMax && segment(from).weight() > weight_max; ++moves) {
      if (segment(from).oldest()->newer == nullptr) break;
      move(*segment(from).oldest(), to);
    }
  };
  shift(Segment::young, young_max_, Segment::old);
  shift(Segment::protected_, protected_max_, Segment::probation);
}

void Policy::make_room(List &evicted) {
  overflow();
  while (weight() > weight_max_) {
    auto *const victim = main_tail();
    if (window_weight() > window_max_ || victim == nullptr) {
      compete(*window_tail(), evicted);
    } else {
      evict(*victim, evicted);
    }
  }
  // Into free room they go without competing.
  if (window_weight() > window_max_) migrating_ = true;
  if (migrating_) migrate();
}

/// It pays for its own weight at most: the rest is pushed out by those after it.
void Policy::compete(Node &candidate, List &evicted) {
  auto const needed = std::min(weight() - weight_max_, std::size_t{candidate.weight});
  if (!beats_victims(candidate, needed)) return evict(candidate, evicted);
  for (std::size_t freed = 0; freed < needed;) {
    auto *const victim = main_tail();
    if (victim == nullptr) break;
    freed += victim->weight;
    evict(*victim, evicted);
  }
  move(candidate, Segment::probation);
}

bool Policy::beats_victims(Node const &candidate, std::size_t weight_needed) {
  if (main_weight() < weight_needed) return false;
  auto const count = sketch_.estimate(candidate.hash);
  std::size_t found = 0;
  std::size_t found_weight = 0;
  double counts = 0;
  auto const *victim = main_tail();
  while (found_weight < weight_needed && found < kVictimsMax && counts < count) {
    counts += sketch_.estimate(victim->hash);
    found_weight += victim->weight;
    ++found;
    bool const last_of_probation = victim->newer == nullptr && victim->segment == Segment::probation;
    victim = last_of_probation ? segment(Segment::protected_).oldest() : victim->newer;
    if (victim == nullptr) break;
  }
  if (found == kVictimsMax && found_weight < weight_needed) {
    counts *= static_cast<double>(weight_needed) / static_cast<double>(found_weight);
  }
  return count > counts || (count >= kLuckyCountMin && lucky());
}

/// Marsaglia's xorshift64.
bool Policy::lucky() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return (random_ >> 32) % kLuckyOneIn == 0;
}

void Policy::adapt() {
  auto const yield = [](std::size_t hits, std::size_t weight) {
    return static_cast<double>(hits) / static_cast<double>(std::max(weight, std::size_t{1}));
  };
  // While all fits nothing can be lost by a wrong share, and nothing learnt.
  if (evicted_ > 0) {
    window_yield_ =
        window_yield_ * kYieldKept + yield(old_hits_, segment(Segment::old).weight()) + yield(lru_only_hits_, weight());
    main_yield_ = main_yield_ * kYieldKept + yield(probation_hits_, segment(Segment::probation).weight()) +
                  yield(main_only_hits_, weight());
    auto const sum = window_yield_ + main_yield_;
    if (sum > 0) {
      auto const step = kShareStep * (window_yield_ - main_yield_) / sum;
      window_share_ = std::clamp(window_share_ + step, kShareMin, kShareMax);
      set_limits();
    }
  }
  asked_ = evicted_ = old_hits_ = probation_hits_ = lru_only_hits_ = main_only_hits_ = 0;
}

/// Nothing leaves here: the oldest of one part become the oldest of the other, where they compete when room is needed.
void Policy::migrate() {
  for (std::size_t moves = 0; moves < kMovesMax; ++moves) {
    auto *const from_window = window_tail();
    if (from_window != nullptr && window_weight() > window_max_) {
      move(*from_window, Segment::probation);
      continue;
    }
    auto *const from_main = main_tail();
    if (from_main == nullptr || main_weight() <= weight_max_ - window_max_ ||
        window_weight() + from_main->weight > window_max_) {
      migrating_ = false;
      break;
    }
    segment(from_main->segment).remove(*from_main);
    from_main->segment = Segment::old;
    segment(Segment::old).push_oldest(*from_main);
  }
  overflow();
}

}  // namespace tableforge::cache
