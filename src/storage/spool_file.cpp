#include "storage/spool_file.hpp"

#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tableforge/base/write_all.hpp"
#include "tableforge/log/log.hpp"

namespace tableforge::storage {

SpoolFile::SpoolFile(std::filesystem::path path, std::size_t bytes_max)
    : path_(std::move(path)), bytes_max_(bytes_max) {
  std::ifstream file(path_, std::ios::binary);
  std::string const text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  for (std::size_t begin = 0; begin < text.size();) {
    auto const end = text.find('\n', begin);
    // Torn by a crash: add() had not returned.
    if (end == std::string::npos) break;
    lines_.push_back(text.substr(begin, end - begin));
    begin = end + 1;
    bytes_ = begin;
  }
  if (bytes_ == text.size()) return;
  std::error_code code;
  std::filesystem::resize_file(path_, bytes_, code);
  if (code) log::warn("half a line stays in a spool", {{"file", path_.string()}, {"why", code.message()}});
}

Result<void> SpoolFile::add(std::string_view line) {
  std::string text(line);
  text += '\n';
  if (bytes_ + text.size() > bytes_max_) return fail(Errc::overloaded, "the spool is full");
  int const file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return fail(Errc::unavailable, "the spool cannot be opened");
  bool const complete = write_all(file, text) && ::fdatasync(file) == 0;
  // Nothing is to stand before the next line but whole ones.
  bool const restored = complete || ::ftruncate(file, static_cast<off_t>(bytes_)) == 0;
  ::close(file);
  if (!complete) {
    if (!restored) bytes_max_ = 0;
    return fail(Errc::unavailable, "the spool cannot be written");
  }
  bytes_ += text.size();
  lines_.emplace_back(line);
  return {};
}

void SpoolFile::clear() {
  lines_.clear();
  bytes_ = 0;
  std::error_code code;
  std::filesystem::remove(path_, code);
  if (code) log::warn("a spool cannot be removed", {{"file", path_.string()}, {"why", code.message()}});
}

}  // namespace tableforge::storage
