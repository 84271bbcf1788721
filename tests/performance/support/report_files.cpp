#include "performance/support/report_files.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace tableforge::test {

namespace {

void write(std::filesystem::path const &file, std::string const &text) {
  std::ofstream stream(file);
  stream << text << '\n';
  if (!stream.flush()) throw std::runtime_error("cannot write " + file.string());
}

}  // namespace

std::filesystem::path report_folder() {
  char const *const folder = std::getenv("TABLEFORGE_PERFORMANCE_DIR");
  return folder != nullptr && *folder != '\0' ? folder : TABLEFORGE_PERFORMANCE_DIR;
}

void leave_files(std::filesystem::path const &folder, std::string const &name, std::string const &json,
                 std::string const &html) {
  std::filesystem::create_directories(folder);
  write(folder / (name + ".json"), json);
  write(folder / (name + ".html"), html);
  std::printf("report: %s\n", (folder / (name + ".html")).c_str());
  std::fflush(stdout);
}

}  // namespace tableforge::test
