#include <algorithm>

#include "tableforge/gateway/http.hpp"

namespace tableforge::gateway {

namespace {

/// "/v1/tables" → "v1", "tables". Nothing but a leading slash begins a path; a trailing one makes an empty segment,
/// which no pattern has.
std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  if (path.empty() || path.front() != '/') return segments;
  for (;;) {
    path.remove_prefix(1);
    auto const end = path.find('/');
    segments.emplace_back(path.substr(0, end));
    if (end == std::string_view::npos) return segments;
    path.remove_prefix(end);
  }
}

bool is_parameter(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

std::string parameter_name(std::string_view segment) { return std::string(segment.substr(1, segment.size() - 2)); }

bool fits(std::vector<std::string> const &pattern, std::vector<std::string> const &path) {
  return std::ranges::equal(pattern, path, [](std::string const &wanted, std::string const &given) {
    return is_parameter(wanted) ? !given.empty() : wanted == given;
  });
}

}  // namespace

void Router::add(std::string_view method, std::string_view pattern, Handler handler) {
  auto const known = std::ranges::find(patterns_, pattern);
  auto const label = static_cast<std::size_t>(known - patterns_.begin());
  if (known == patterns_.end()) patterns_.emplace_back(pattern);
  routes_.push_back({std::string(method), std::string(pattern), split(pattern), label, std::move(handler)});
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  auto const given = split(path);
  Match match{.handler = nullptr, .parameters = {}, .route = patterns_.size(), .allowed = {}};
  Route const *found = nullptr;
  std::ptrdiff_t fewest_parameters = 0;
  for (Route const &route : routes_) {
    if (!fits(route.segments, given)) continue;
    if (route.method != method) {
      match.allowed.push_back(route.method);
      if (found == nullptr) match.route = route.label;
      continue;
    }
    // A word beats a parameter, in whatever order they were added.
    auto const parameters = std::ranges::count_if(route.segments, is_parameter);
    if (found != nullptr && parameters >= fewest_parameters) continue;
    found = &route;
    fewest_parameters = parameters;
  }
  if (found == nullptr) return match;

  match.allowed.clear();
  match.handler = &found->handler;
  match.route = found->label;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (is_parameter(found->segments[i])) match.parameters.emplace(parameter_name(found->segments[i]), given[i]);
  }
  return match;
}

std::vector<std::string_view> Router::patterns() const { return {patterns_.begin(), patterns_.end()}; }

}  // namespace tableforge::gateway
