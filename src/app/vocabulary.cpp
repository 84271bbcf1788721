#include "app/vocabulary.hpp"

#include <vector>

#include "tableforge/protocol/error_code.hpp"
#include "tableforge/table/action.hpp"

#include "app/admin_routes.hpp"
#include "gateway/api_routes.hpp"
#include "gateway/document_routes.hpp"

namespace tableforge::app {

namespace {

std::vector<std::string_view> public_patterns() {
  auto patterns = gateway::api_patterns();
  for (auto const pattern : gateway::document_patterns()) patterns.push_back(pattern);
  return patterns;
}

}  // namespace

metrics::Vocabulary vocabulary() {
  metrics::Vocabulary words;
  for (std::size_t i = 0; i < table::kClientOperations; ++i) words.ops.push_back(table::op_word(i));
  for (auto const code : Words<protocol::ErrorCode>::words) words.error_codes.push_back(code);
  words.routes = public_patterns();
  for (auto const pattern : admin_patterns()) words.routes.push_back(pattern);
  return words;
}

std::size_t first_admin_route() { return public_patterns().size(); }

}  // namespace tableforge::app
