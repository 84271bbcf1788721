#include "tableforge/knobs/knob_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

namespace tableforge {

namespace {

/// 1048576 as "1,048,576": the figures of a document are read by people.
std::string text_of(double number) {
  std::array<char, 32> buffer{};
  auto const [end, code] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed);
  std::string text(buffer.data(), end);
  auto const point = std::min(text.find('.'), text.size());
  std::size_t const first = text.starts_with('-') ? 1 : 0;
  for (std::size_t at = point; at > first + 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

}  // namespace

std::string knob_table(KnobSet const &knobs) {
  std::string table = "| knob | meaning | default | bounds | unit |\n|---|---|---|---|---|\n";
  knobs.for_each([&](AnyKnob const &knob) {
    auto const info = knob.info();
    table.append("| `").append(info.name).append("` | ").append(info.help);
    table.append(" | ").append(text_of(info.initial));
    table.append(" | ").append(text_of(info.min)).append(" to ").append(text_of(info.max));
    table.append(" | ").append(info.unit);
    table.append(" |\n");
  });
  return table;
}

}  // namespace tableforge
