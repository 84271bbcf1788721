#include "performance/support/machine.hpp"

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include <pqxx/pqxx>
#include <sched.h>

namespace tableforge::test {

namespace {

cpu_set_t allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) {
    throw std::system_error(errno, std::generic_category(), "sched_getaffinity");
  }
  return set;
}

}  // namespace

unsigned machine_cores() {
  cpu_set_t const set = allowed();
  return static_cast<unsigned>(CPU_COUNT(&set));
}

unsigned generator_core() {
  cpu_set_t const set = allowed();
  unsigned last = 0;
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) last = cpu;
  }
  return last;
}

int parent_of(int process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  for (std::string name; file >> name;) {
    int parent = 0;
    if (name == "PPid:" && file >> parent) return parent;
  }
  throw std::runtime_error("there is no process " + std::to_string(process));
}

int postmaster_of(std::string const &database_url) {
  // A session's process is a child of it.
  pqxx::connection const session(database_url);
  return parent_of(session.backendpid());
}

}  // namespace tableforge::test
