#include "tableforge/host/history_page.hpp"

#include <vector>

#include "tableforge/protocol/encode.hpp"
#include "tableforge/table/project.hpp"

namespace tableforge::host {

std::string history_page(std::span<table::Event const> events, PlayerId viewer, Seq head) {
  std::vector<table::view::Event> views;
  views.reserve(events.size());
  for (auto const &event : events) views.push_back(table::project(event, viewer));
  bool const more = !events.empty() && events.back().seq < head;
  std::string out;
  protocol::append_history(out, views, more ? std::optional(events.back().seq + 1) : std::nullopt);
  return out;
}

}  // namespace tableforge::host
