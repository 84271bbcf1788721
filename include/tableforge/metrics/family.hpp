#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tableforge/base/fields.hpp"
#include "tableforge/metrics/counter.hpp"
#include "tableforge/metrics/histogram.hpp"
#include "tableforge/metrics/metric_set.hpp"

namespace tableforge::metrics {

/// A label and every word it can ever carry: what is not bounded must not become a label.
struct Label {
  Label(std::string_view label_name, std::span<std::string_view const> label_words)
      : name(label_name), words(label_words.begin(), label_words.end()) {}
  Label(std::string_view label_name, std::initializer_list<std::string_view> label_words)
      : name(label_name), words(label_words.begin(), label_words.end()) {}

  /// The words of an enumeration, in the order of its values.
  template <Worded E>
  static Label of(std::string_view label_name) {
    return {label_name, std::span<std::string_view const>(Words<E>::words)};
  }
  /// Words that the caller lists, and "other" for an index beyond them.
  static Label open(std::string_view label_name, std::span<std::string_view const> label_words);

  std::string name;
  std::vector<std::string> words;
};

/// One metric for each combination of label words, all present from the start, so that a rate exists before the
/// first event does.
///
/// Threads: any.
/// Bounds:  as many metrics as the product of the word lists, allocated once.
/// Errors:  none; an index beyond a label's words counts as its last word.
template <class M>
class Family {
 public:
  Family(MetricSet &set, std::string_view name, std::string_view help, Label label);
  Family(MetricSet &set, std::string_view name, std::string_view help, Label first, Label second);
  Family(Family const &) = delete;
  Family &operator=(Family const &) = delete;

  /// Addressed by index or by enumerator, one for each label.
  template <class... I>
  [[nodiscard]] M &at(I... indices) {
    return metrics_[offset({static_cast<std::size_t>(indices)...})];
  }
  template <class... I>
  [[nodiscard]] M const &at(I... indices) const {
    return metrics_[offset({static_cast<std::size_t>(indices)...})];
  }

  [[nodiscard]] std::span<Label const> labels() const { return labels_; }
  /// The sum over all combinations.
  [[nodiscard]] std::uint64_t total() const
    requires std::same_as<M, Counter>;

 private:
  Family(MetricSet &set, std::string_view name, std::string_view help, std::vector<Label> labels);
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t offset(std::initializer_list<std::size_t> indices) const;

  std::vector<Label> labels_;
  std::unique_ptr<M[]> metrics_;
};

extern template class Family<Counter>;
extern template class Family<Gauge>;
extern template class Family<RealGauge>;
extern template class Family<LatencyHistogram>;

using CounterFamily = Family<Counter>;
using GaugeFamily = Family<Gauge>;
using RealGaugeFamily = Family<RealGauge>;
using LatencyFamily = Family<LatencyHistogram>;

}  // namespace tableforge::metrics
