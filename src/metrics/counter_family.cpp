#include "tableforge/metrics/counter_family.hpp"

#include <algorithm>

#include "tableforge/base/check.hpp"

namespace tableforge::metrics {

Label Label::open(std::string_view label_name, std::span<std::string_view const> label_words) {
  Label label(label_name, label_words);
  label.words.emplace_back("other");
  return label;
}

CounterFamily::CounterFamily(MetricSet &set, std::string_view name, std::string_view help, Label label)
    : CounterFamily(set, name, help, std::vector<Label>{std::move(label)}) {}

CounterFamily::CounterFamily(MetricSet &set, std::string_view name, std::string_view help, Label first, Label second)
    : CounterFamily(set, name, help, std::vector<Label>{std::move(first), std::move(second)}) {}

CounterFamily::CounterFamily(MetricSet &set, std::string_view name, std::string_view help, std::vector<Label> labels)
    : labels_(std::move(labels)) {
  std::size_t count = 1;
  for (Label const &label : labels_) count *= label.words.size();
  TF_CHECK(count > 0);
  counters_ = std::make_unique<Counter[]>(count);
  set.enlist(name, help, *this);
}

std::size_t CounterFamily::offset(std::initializer_list<std::size_t> indices) const {
  TF_CHECK(indices.size() == labels_.size());
  std::size_t offset = 0;
  auto label = labels_.begin();
  for (std::size_t const index : indices) {
    offset = offset * label->words.size() + std::min(index, label->words.size() - 1);
    ++label;
  }
  return offset;
}

std::uint64_t CounterFamily::total() const {
  std::size_t count = 1;
  for (Label const &label : labels_) count *= label.words.size();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += counters_[i].value();
  return sum;
}

}  // namespace tableforge::metrics
