#include "load/findings.hpp"

#include <utility>

namespace tableforge::load {

void Findings::leak(std::string what) {
  ++counts.leaks;
  keep("leak: ", what);
}

void Findings::mismatch(std::string what) {
  ++counts.mismatches;
  keep("mismatch: ", what);
}

void Findings::failure(std::string what) { keep("failure: ", what); }

void Findings::keep(std::string kind, std::string const &what) {
  if (counts.findings.size() < kKept) counts.findings.push_back(std::move(kind) + what);
}

}  // namespace tableforge::load
