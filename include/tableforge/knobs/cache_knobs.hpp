#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tableforge/knobs/knob.hpp"
#include "tableforge/knobs/knob_set.hpp"
#include "tableforge/knobs/knob_split.hpp"

namespace tableforge {

/// The live numbers of one class of cached value. All take effect on values that are cached already, in both
/// directions, because lifetimes are computed when a value is read.
///
/// Threads: any.
struct CacheKnobs {
  struct Names {
    std::string_view ttl, bytes_max, negative_ttl, early_refresh_beta, stale_while_revalidate, audit_every;
  };
  struct Initial {
    std::chrono::milliseconds ttl;
    std::size_t bytes_max;
    std::chrono::milliseconds negative_ttl = std::chrono::seconds(5);
    std::chrono::milliseconds stale_while_revalidate = std::chrono::seconds(2);
  };

  CacheKnobs(KnobSet &set, Names const &names, Initial const &initial)
      : ttl(set, {.name = names.ttl,
                  .unit = "ms",
                  .help = "How long a value of this class is served after it was read from the database; 0 for never.",
                  .min = 0,
                  .max = 86'400'000,
                  .initial = initial.ttl.count()}),
        bytes_max(set, {.name = names.bytes_max,
                        .unit = "bytes",
                        .help = "How much memory each I/O thread may use for values of this class.",
                        .min = 65'536,
                        .max = 1'073'741'824,
                        .initial = initial.bytes_max}),
        negative_ttl(set, {.name = names.negative_ttl,
                           .unit = "ms",
                           .help = "How long it is remembered that there is no value under a key; 0 for never.",
                           .min = 0,
                           .max = 600'000,
                           .initial = initial.negative_ttl.count()}),
        early_refresh_beta(
            set, {.name = names.early_refresh_beta,
                  .unit = "factor",
                  .help = "How early values are loaded anew, in load times before their end; 0 for never before it.",
                  .min = 0,
                  .max = 10,
                  .initial = 1}),
        stale_while_revalidate(
            set, {.name = names.stale_while_revalidate,
                  .unit = "ms",
                  .help = "How long past its time a value is still served while it is loaded anew; 0 for not at all.",
                  .min = 0,
                  .max = 600'000,
                  .initial = initial.stale_while_revalidate.count()}),
        audit_every(set, {.name = names.audit_every,
                          .unit = "hits",
                          .help = "One of how many served values is compared with the database; 0 for none.",
                          .min = 0,
                          .max = 1'000'000,
                          .initial = 256}) {}

  /// The longest that any value of the class has now.
  [[nodiscard]] std::chrono::milliseconds ttl_longest() const {
    auto const part = ttl_split.get();
    auto const tried = std::chrono::milliseconds(part ? static_cast<std::int64_t>(part->value) : 0);
    return std::max(ttl.get(), tried);
  }

  Knob<std::chrono::milliseconds> ttl;
  KnobSplit ttl_split;          ///< What some keys have instead while another lifetime is tried.
  Knob<std::size_t> bytes_max;  ///< For each shard.
  Knob<std::chrono::milliseconds> negative_ttl;
  Knob<double> early_refresh_beta;
  Knob<std::chrono::milliseconds> stale_while_revalidate;
  Knob<std::size_t> audit_every;
};

namespace detail {

template <std::size_t N>
struct ClassName {
  consteval ClassName(char const (&name)[N]) { std::copy_n(name, N, text.begin()); }
  std::array<char, N> text{};
};

/// "cache_" + class + suffix, as a literal: knobs keep views of their names.
template <ClassName kClass, std::size_t N>
consteval auto knob_name(char const (&suffix)[N]) {
  constexpr std::string_view kPrefix = "cache_";
  std::array<char, kPrefix.size() + kClass.text.size() - 1 + N - 1> name{};
  auto end = std::copy(kPrefix.begin(), kPrefix.end(), name.begin());
  end = std::copy_n(kClass.text.begin(), kClass.text.size() - 1, end);
  std::copy_n(suffix, N - 1, end);
  return name;
}

}  // namespace detail

/// Declares the knobs of a class by its name: `CacheClassKnobs<"lobby_page"> cache_lobby_page{*this, {…}};`
template <detail::ClassName kClass>
struct CacheClassKnobs : CacheKnobs {
  CacheClassKnobs(KnobSet &set, Initial const &initial)
      : CacheKnobs(set,
                   {.ttl = view(kTtl),
                    .bytes_max = view(kBytesMax),
                    .negative_ttl = view(kNegativeTtl),
                    .early_refresh_beta = view(kEarlyRefreshBeta),
                    .stale_while_revalidate = view(kStaleWhileRevalidate),
                    .audit_every = view(kAuditEvery)},
                   initial) {}

 private:
  template <std::size_t N>
  static constexpr std::string_view view(std::array<char, N> const &name) {
    return {name.data(), N};
  }

  static constexpr auto kTtl = detail::knob_name<kClass>("_ttl_ms");
  static constexpr auto kBytesMax = detail::knob_name<kClass>("_bytes_max");
  static constexpr auto kNegativeTtl = detail::knob_name<kClass>("_negative_ttl_ms");
  static constexpr auto kEarlyRefreshBeta = detail::knob_name<kClass>("_early_refresh_beta");
  static constexpr auto kStaleWhileRevalidate = detail::knob_name<kClass>("_stale_while_revalidate_ms");
  static constexpr auto kAuditEvery = detail::knob_name<kClass>("_audit_every");
};

}  // namespace tableforge
