#include "app/run_directory.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <span>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tableforge/base/os_random.hpp"
#include "tableforge/base/write_all.hpp"
#include "tableforge/log/log.hpp"

namespace tableforge::app {

namespace {

constexpr std::string_view kKeyName = "token-key";
constexpr std::string_view kAdminTokenName = "admin-token";
constexpr std::string_view kInstanceName = "instance";
/// As many bits as the hash of HS256 has (RFC 7518).
constexpr std::size_t kKeyBytes = 32;

std::string reason(std::string_view what, std::filesystem::path const &path) {
  return std::string(what) + " " + path.string() + ": " + std::generic_category().message(errno);
}

std::string random_hex() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::byte, kKeyBytes> bytes{};
  os_random(bytes);
  std::string text;
  for (std::byte const byte : bytes) {
    text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
    text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
  }
  return text;
}

/// A file of this process's own, complete and on disk, that may then be given its name.
std::expected<std::filesystem::path, std::string> write_draft(std::filesystem::path const &target,
                                                              std::string_view text, mode_t mode) {
  std::filesystem::path draft = target.string() + "." + std::to_string(::getpid());
  ::unlink(draft.c_str());  // Left by a process that was killed here and had our number.
  int const file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return std::unexpected(reason("cannot create", draft));
  bool const complete = write_all(file, text) && ::fsync(file) == 0;
  auto const why = complete ? std::string() : reason("cannot write", draft);
  ::close(file);
  if (complete) return draft;
  ::unlink(draft.c_str());
  return std::unexpected(why);
}

/// Makes the secret unless somebody was first.
std::expected<void, std::string> make_secret(std::filesystem::path const &path, std::string_view made) {
  auto const draft = write_draft(path, random_hex(), S_IRUSR | S_IWUSR);
  if (!draft) return std::unexpected(draft.error());
  // Unlike rename(), link() never replaces: of two processes that start together both take the secret of the first.
  bool const linked = ::link(draft->c_str(), path.c_str()) == 0;
  bool const existed = !linked && errno == EEXIST;
  auto const why = reason("cannot create", path);
  ::unlink(draft->c_str());
  if (!linked && !existed) return std::unexpected(why);
  if (linked) log::info(made, {{"file", path.string()}});
  return {};
}

/// The secret in a file that its user alone can read, made at the first call of the first process. `loss` is what
/// deleting it costs.
std::expected<std::string, std::string> secret_in(std::filesystem::path const &path, std::string_view made,
                                                  std::string_view loss) {
  if (!std::filesystem::exists(path)) {
    if (auto const done = make_secret(path, made); !done) return std::unexpected(done.error());
  }
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::unexpected(reason("cannot read", path));
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return std::unexpected(path.string() + " can be read by others; make a new one by deleting it, or chmod 600 it");
  }
  std::ifstream file(path, std::ios::binary);
  std::string secret((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  while (secret.ends_with('\n')) secret.pop_back();
  if (!file || secret.size() < kKeyBytes) {
    return std::unexpected(path.string() + " holds no key; deleting it makes a new one, " + std::string(loss));
  }
  return secret;
}

}  // namespace

std::expected<RunDirectory, std::string> RunDirectory::open(std::filesystem::path path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code) return std::unexpected("cannot make the run directory " + path.string() + ": " + code.message());
  if (::access(path.c_str(), W_OK | X_OK) != 0) return std::unexpected(reason("cannot write in", path));
  return RunDirectory(std::move(path));
}

RunDirectory::~RunDirectory() {
  for (auto const &path : ports_) ::unlink(path.c_str());
}

std::expected<void, std::string> RunDirectory::write_port(std::string_view name, std::uint16_t port) {
  auto const path = path_ / name;
  auto const draft = write_draft(path, std::to_string(port) + "\n", S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
  if (!draft) return std::unexpected(draft.error());
  if (::rename(draft->c_str(), path.c_str()) != 0) {
    auto const why = reason("cannot write", path);
    ::unlink(draft->c_str());
    return std::unexpected(why);
  }
  ports_.push_back(path);
  return {};
}

std::expected<std::string, std::string> RunDirectory::token_key() {
  auto const path = path_ / kKeyName;
  auto key = secret_in(path, "made a key that signs tokens", "and ends all tokens");
  if (!key) return key;
  log::info("tokens are signed with the key in the run directory; set TABLEFORGE_SECRET to choose another",
            {{"file", path.string()}});
  return key;
}

std::expected<std::string, std::string> RunDirectory::admin_token() {
  return secret_in(path_ / kAdminTokenName, "made a token for operators", "and ends the old one");
}

std::expected<std::string, std::string> RunDirectory::instance() {
  return secret_in(path_ / kInstanceName, "made a name for this instance", "and the tuner begins anew");
}

}  // namespace tableforge::app
