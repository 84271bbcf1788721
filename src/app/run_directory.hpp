#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace tableforge::app {

/// The directory where the server keeps what it makes for itself: its ports, while it listens, and its key.
///
/// Threads: any, one at a time.
/// Owns:    the files that write_port() wrote; it removes them when it goes.
/// Errors:  a sentence for a person.
class RunDirectory {
 public:
  /// Makes the directory if need be.
  static std::expected<RunDirectory, std::string> open(std::filesystem::path path);
  ~RunDirectory();
  RunDirectory(RunDirectory &&other) noexcept = default;
  RunDirectory(RunDirectory const &) = delete;
  RunDirectory &operator=(RunDirectory const &) = delete;

  /// Writes the number whole or not at all, so that whoever waits for the file never reads half of it.
  std::expected<void, std::string> write_port(std::string_view name, std::uint16_t port);

  /// The key that signs tokens where none is configured: made at the first call of the first process, readable by its
  /// user alone, and the same ever after.
  std::expected<std::string, std::string> token_key();
  /// The operators' token where none is configured; made and kept as the key is.
  std::expected<std::string, std::string> admin_token();
  /// A name for this process and the next one here; made and kept as the key is, though it is no secret.
  std::expected<std::string, std::string> instance();

  [[nodiscard]] std::filesystem::path const &path() const { return path_; }

 private:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
  std::vector<std::filesystem::path> ports_;
};

}  // namespace tableforge::app
