#include "private_servers.hpp"

#include <array>
#include <cerrno>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process.hpp"

namespace tableforge::test {
namespace {

constexpr auto kScript = TABLEFORGE_SOURCE_DIR "/scripts/private-servers";

std::filesystem::path temporary_directory() {
  std::string path = (std::filesystem::temp_directory_path() / "tableforge-test-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp");
  // Started as root, the servers run as another user, who must get through; what is secret in there is 0600 itself.
  ::chmod(path.c_str(), 0755);
  return path;
}

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  return ends;
}

/// Ends the shared servers after the last test, while the program is still whole.
class SharedServers : public testing::Environment {
 public:
  PrivateServers &get() {
    if (!servers_) servers_ = std::make_unique<PrivateServers>();
    return *servers_;
  }
  void TearDown() override { servers_.reset(); }

 private:
  std::unique_ptr<PrivateServers> servers_;
};

// gtest owns the environment and runs its TearDown() although nothing has been started before main.
SharedServers *const kShared = [] {
  auto *environment = new SharedServers;
  testing::AddGlobalTestEnvironment(environment);
  return environment;
}();

}  // namespace

PrivateServers &PrivateServers::shared() { return kShared->get(); }

PrivateServers::PrivateServers() : directory_(temporary_directory()) {
  // Before the servers, so that they are removed even if this process is killed while they start.
  std::array<int, 2> const alive = make_pipe();
  std::array<int, 2> const done = make_pipe();
  guard_ = alive[1];
  guard_done_ = done[0];
  int const guard = start({kScript, "guard", directory_.string()}, alive[0], done[1]);
  ::close(alive[0]);
  ::close(done[1]);
  if (wait(guard) != 0) throw std::runtime_error("scripts/private-servers guard does not start");

  script({"up", "--fast"});
  std::istringstream lines(script({"env", "--admin"}));
  for (std::string line; std::getline(lines, line);) {
    auto const take = [&line](std::string_view name, std::string &value) {
      std::string const prefix = "export " + std::string(name) + "=";
      if (line.starts_with(prefix)) value = line.substr(prefix.size());
    };
    take("TABLEFORGE_DATABASE_URL", database_url_);
    take("TABLEFORGE_DATABASE_ADMIN_URL", admin_url_);
    take("TABLEFORGE_REDIS_URL", redis_url_);
  }
  if (database_url_.empty() || admin_url_.empty() || redis_url_.empty()) {
    throw std::runtime_error("scripts/private-servers env does not name all servers");
  }
}

PrivateServers::~PrivateServers() {
  ::close(guard_);
  // The guard never writes: the read returns when it has finished.
  char nothing = 0;
  while (::read(guard_done_, &nothing, 1) < 0 && errno == EINTR) {
  }
  ::close(guard_done_);
}

std::string PrivateServers::script(std::initializer_list<char const *> arguments) const {
  std::vector<std::string> command{kScript};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.push_back(directory_.string());
  Finished finished = run(command);
  if (finished.exit_code != 0) {
    throw std::runtime_error("scripts/private-servers " + command[1] + " failed:\n" + finished.output);
  }
  return std::move(finished.output);
}

std::string PrivateServers::fresh_database() {
  std::string const name = "fresh_" + std::to_string(++databases_);
  // template0 is what initdb left, whatever a test did to the other template.
  Finished const finished = run({"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database_url_, "-c",
                                 "create database " + name + " template template0"});
  if (finished.exit_code != 0) throw std::runtime_error("cannot create " + name + ":\n" + finished.output);
  return database_url_.substr(0, database_url_.rfind('/') + 1) + name;
}

void PrivateServers::restart_postgres(Stop mode) {
  mode == Stop::immediate ? script({"restart-postgres", "--immediate"}) : script({"restart-postgres"});
}
void PrivateServers::stop_postgres(Stop mode) {
  mode == Stop::immediate ? script({"stop-postgres", "--immediate"}) : script({"stop-postgres"});
}
void PrivateServers::start_postgres() { script({"start-postgres"}); }
void PrivateServers::kill_redis() { script({"kill-redis"}); }
void PrivateServers::stop_redis() { script({"stop-redis"}); }
void PrivateServers::start_redis() { script({"start-redis"}); }

}  // namespace tableforge::test
