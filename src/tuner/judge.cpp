#include "tableforge/tuner/judge.hpp"

#include <algorithm>
#include <cmath>

namespace tableforge::tuner {

namespace {

double margin_of(Guard const &guard) {
  return guard.kind == Guard::Kind::ratio ? std::log1p(guard.margin) : guard.margin;
}

}  // namespace

std::optional<Judgement> Judge::add(std::optional<PairedBlock> block, bool canary) {
  if (!canary) ++blocks_;
  if (!block) return std::nullopt;
  last_.push_back(block->log_ratio);
  if (canary) {
    if (jumped()) return found(Verdict::harmful, "the canary's cost jumped", rules_.confidence);
    return std::nullopt;
  }
  log_ratios_.push_back(block->log_ratio);
  guard_changes_.resize(guards_.size());
  for (std::size_t i = 0; i < guards_.size(); ++i) {
    if (!std::isnan(block->guards[i])) guard_changes_[i].push_back(block->guards[i]);
  }
  watch_.add(block->control_level);
  if (auto harm = look_for_harm()) return harm;
  if (watch_.shifted()) return found(Verdict::invalid, "the control's cost shifted", rules_.confidence);
  return look_for_gain();
}

std::optional<Judgement> Judge::add_lead(double control_level) {
  if (!watch_.add(control_level)) return std::nullopt;
  return found(Verdict::invalid, "the control's cost shifted", rules_.confidence);
}

Judgement Judge::conclude() const {
  auto judged = [&](Verdict verdict, std::string_view reason) { return found(verdict, reason, rules_.confidence); };
  auto const needed = rules_.measured_min * static_cast<double>(blocks_);
  if (log_ratios_.size() < 2 || static_cast<double>(log_ratios_.size()) < needed) {
    return judged(Verdict::too_few, "too little was measured");
  }
  auto result = judged(Verdict::keep, "the cost fell, and every guard held");
  auto const &gain = result.log_ratio;
  if (gain.low > 0) return judged(Verdict::harmful, "the cost rose");
  if (gain.mean > -rules_.gain_min) return judged(Verdict::neutral, "the cost did not fall by enough");
  if (gain.high >= 0) return judged(Verdict::neutral, "the fall of the cost may be chance");
  for (auto const &guard : result.guards) {
    if (!guard.held) return judged(Verdict::guarded, "a guard was not shown to hold");
  }
  return result;
}

Judgement Judge::found(Verdict verdict, std::string_view reason, double confidence) const {
  Judgement result{.verdict = verdict,
                   .reason = reason,
                   .log_ratio = estimate_mean(log_ratios_.empty() ? last_ : log_ratios_, confidence),
                   .guards = {}};
  for (std::size_t i = 0; i < guard_changes_.size(); ++i) {
    GuardFinding finding{.name = guards_[i].name, .margin = margin_of(guards_[i]), .change = {}, .held = false};
    finding.change = estimate_mean(guard_changes_[i], confidence);
    finding.held = finding.change.high <= finding.margin;
    result.guards.push_back(finding);
  }
  return result;
}

std::optional<Judgement> Judge::look_for_harm() const {
  if (jumped()) return found(Verdict::harmful, "the cost jumped", rules_.confidence);
  if (log_ratios_.size() < rules_.harm_from) return std::nullopt;
  auto result = found(Verdict::harmful, "the cost rose", rules_.harm_confidence);
  if (result.log_ratio.low > 0) return result;
  for (auto const &guard : result.guards) {
    if (guard.change.n < rules_.harm_from || guard.change.low <= guard.margin) continue;
    result.verdict = Verdict::guarded;
    result.reason = "a guard broke";
    return result;
  }
  return std::nullopt;
}

std::optional<Judgement> Judge::look_for_gain() const {
  auto const n = log_ratios_.size();
  if (n == 0 || n != rules_.early_blocks || blocks_ != n) return std::nullopt;
  auto const gain = estimate_mean(log_ratios_, rules_.early_confidence);
  if (gain.mean > -rules_.gain_min || gain.high >= 0) return std::nullopt;
  auto result = found(Verdict::keep, "the cost fell early, and every guard held", rules_.confidence);
  if (!std::ranges::all_of(result.guards, &GuardFinding::held)) return std::nullopt;
  result.log_ratio = gain;
  return result;
}

bool Judge::jumped() const {
  auto const n = last_.size();
  if (last_[n - 1] > rules_.harm_block) return true;
  return n >= 2 && std::min(last_[n - 1], last_[n - 2]) > rules_.harm_blocks;
}

}  // namespace tableforge::tuner
