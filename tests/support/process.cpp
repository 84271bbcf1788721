#include "process.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tableforge::test {
namespace {

int spawn(std::vector<std::string> const &command, int input, int output, int error) {
  std::vector<char *> arguments;
  for (std::string const &argument : command) arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  // dup2 clears close-on-exec on the copies, also when both numbers are the same (as posix_spawn defines it).
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, error, STDERR_FILENO);
  pid_t pid = 0;
  int const failure = ::posix_spawnp(&pid, arguments.front(), &actions, nullptr, arguments.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) throw std::system_error(failure, std::generic_category(), "cannot start " + command.front());
  return pid;
}

}  // namespace

Finished run(std::vector<std::string> const &command) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  int const nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  int pid = 0;
  try {
    pid = spawn(command, nothing, pipe[1], pipe[1]);
  } catch (...) {
    for (int const fd : {pipe[0], pipe[1], nothing}) ::close(fd);
    throw;
  }
  ::close(nothing);
  ::close(pipe[1]);
  Finished finished{};
  std::array<char, 4096> buffer{};
  ssize_t n = 0;
  while ((n = ::read(pipe[0], buffer.data(), buffer.size())) > 0 || (n < 0 && errno == EINTR)) {
    if (n > 0) finished.output.append(buffer.data(), static_cast<std::size_t>(n));
  }
  ::close(pipe[0]);
  finished.exit_code = wait(pid);
  return finished;
}

int start(std::vector<std::string> const &command, int input, int output) {
  return spawn(command, input, output, STDERR_FILENO);
}

int wait(int pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace tableforge::test
