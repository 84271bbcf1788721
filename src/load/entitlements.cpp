#include "load/entitlements.hpp"

#include <algorithm>
#include <utility>

#include "tableforge/base/check.hpp"

namespace tableforge::load {

Entitlements::Entitlements(std::size_t viewers) : viewers_(viewers) {}

void Entitlements::grant(std::size_t viewer, std::string_view face, Seq from) {
  auto const card = parse_card(face);
  TF_CHECK(card);
  viewers_[viewer].cards[*card].push_back({.from = from});
}

void Entitlements::grant_all(std::string_view face, Seq from) {
  for (std::size_t viewer = 0; viewer < viewers_.size(); ++viewer) grant(viewer, face, from);
}

void Entitlements::grant_everything(std::size_t viewer, Seq from) {
  auto &everything_from = viewers_[viewer].everything_from;
  everything_from = std::min(everything_from, from);
}

void Entitlements::end_open(Seq until) {
  for (auto &viewer : viewers_) {
    for (auto &spans : viewer.cards) {
      for (auto &span : spans) span.until = std::min(span.until, until);
    }
  }
}

bool Entitlements::may_know(std::size_t viewer, Card card, Seq seq) const {
  auto const &known = viewers_[viewer];
  if (seq >= known.everything_from) return true;
  return std::ranges::any_of(known.cards[card], [&](Span const &span) { return seq >= span.from && seq < span.until; });
}

void Entitlements::share_secret(std::string text, std::vector<std::size_t> viewers) {
  secrets_.insert_or_assign(std::move(text), std::move(viewers));
}

bool Entitlements::may_read(std::size_t viewer, std::string const &secret) const {
  auto const at = secrets_.find(secret);
  return at != secrets_.end() && std::ranges::find(at->second, viewer) != at->second.end();
}

}  // namespace tableforge::load
