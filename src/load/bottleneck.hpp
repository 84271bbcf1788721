#pragma once

#include <cstdint>
#include <string>

#include "tableforge/load/load_report.hpp"

namespace tableforge::load {

/// What kept a stage from carrying more.
struct Bottleneck {
  enum class Kind : std::uint8_t {
    generator,   ///< Its own core was full; the server might have done more.
    machine,     ///< All cores were, between the three.
    server,      ///< One of its threads was.
    database,    ///< One of PostgreSQL's processes was.
    neighbours,  ///< Other work on the machine took the cores from all three.
    commits,     ///< Nobody's CPU: actions waited for something that is none, such as a disk.
    none,        ///< Nothing was full, and what was offered was carried.
  };
  Kind kind = Kind::none;
  std::string words;   ///< What limited, with the measured CPU.
  std::string advice;  ///< What to do about it.
};

/// Decides from the CPU that was measured, in the order of Bottleneck::Kind: a full generator or machine says nothing
/// of what the server could do elsewhere.
Bottleneck bottleneck_of(LoadStage const &stage, unsigned machine_cores);

/// "server 0.81 cores, PostgreSQL 0.4 cores, generator 0.5 cores"; what was not measured is left out.
std::string cpu_words(LoadStage const &stage);

}  // namespace tableforge::load
