#include "tableforge/metrics/family.hpp"

#include <algorithm>

#include "tableforge/base/check.hpp"

namespace tableforge::metrics {

Label Label::open(std::string_view label_name, std::span<std::string_view const> label_words) {
  Label label(label_name, label_words);
  label.words.emplace_back("other");
  return label;
}

template <class M>
Family<M>::Family(MetricSet &set, std::string_view name, std::string_view help, Label label)
    : Family(set, name, help, std::vector<Label>{std::move(label)}) {}

template <class M>
Family<M>::Family(MetricSet &set, std::string_view name, std::string_view help, Label first, Label second)
    : Family(set, name, help, std::vector<Label>{std::move(first), std::move(second)}) {}

template <class M>
Family<M>::Family(MetricSet &set, std::string_view name, std::string_view help, std::vector<Label> labels)
    : labels_(std::move(labels)) {
  TF_CHECK(size() > 0);
  metrics_ = std::make_unique<M[]>(size());
  set.enlist(name, help, *this);
}

template <class M>
std::size_t Family<M>::size() const {
  std::size_t count = 1;
  for (Label const &label : labels_) count *= label.words.size();
  return count;
}

template <class M>
std::size_t Family<M>::offset(std::initializer_list<std::size_t> indices) const {
  TF_CHECK(indices.size() == labels_.size());
  std::size_t offset = 0;
  auto label = labels_.begin();
  for (std::size_t const index : indices) {
    offset = offset * label->words.size() + std::min(index, label->words.size() - 1);
    ++label;
  }
  return offset;
}

template <class M>
std::uint64_t Family<M>::total() const
  requires std::same_as<M, Counter>
{
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < size(); ++i) sum += metrics_[i].value();
  return sum;
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<RealGauge>;
template class Family<LatencyHistogram>;

}  // namespace tableforge::metrics
