#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>

#include "tableforge/config/settings.hpp"

namespace tableforge::config {

/// Every setting as a flag of `app`, with help text, environment variable and name in the file of `--config` (TOML).
///
/// CLI11 only gathers texts; they are judged together in take(), so that one start tells every mistake. A flag wins
/// over the environment, and the environment over the file, which is why the file is read here: CLI11 2.1 has the
/// last two the other way round, and reads no file for a subcommand.
///
/// Threads: boot only.
/// Owns:    the list of settings; `app` owns the flags and outlives this.
/// Errors:  take() returns all, except what CLI11 itself throws while it parses (help, a flag without its value).
class Options {
 public:
  explicit Options(CLI::App &app);
  ~Options();
  Options(Options const &) = delete;
  Options &operator=(Options const &) = delete;

  struct Taken {
    Settings settings;
    std::vector<std::string> errors;  ///< Values that cannot be read first, then those of validate().
  };

  /// What was parsed, over default_settings().
  [[nodiscard]] Taken take() const;

 private:
  /// Stores a text in its setting. Returns what was expected instead, or nothing.
  using Store = std::function<std::optional<std::string>(Settings &, std::string const &)>;
  struct Entry;

  void add(CLI::App &app, std::string name, std::string placeholder, std::string initial, std::string help,
           Store store);
  /// A setting that may also stand in a file of its own, "--NAME-file". One that is given directly counts more.
  void add_secret(CLI::App &app, std::string const &name, std::string placeholder, std::string initial,
                  std::string help, Store store);
  void add_switch(CLI::App &app, std::string name, std::string const &help, bool Settings::*member);
  void read_file(Taken &taken, std::string const &path) const;

  CLI::App &app_;
  CLI::Option *file_ = nullptr;
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace tableforge::config
