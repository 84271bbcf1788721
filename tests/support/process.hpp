#pragma once

#include <string>
#include <vector>

namespace tableforge::test {

/// What a command that was run to its end printed, and how it ended.
struct Finished {
  int exit_code;       ///< 128 + the signal's number if it was killed.
  std::string output;  ///< Standard output and standard error, in the order of writing.
};

/// Runs a program (looked up in PATH if it names no directory) to its end, with an empty standard input.
///
/// Threads: any.
/// Errors:  std::system_error if it cannot be started; how it ends is data.
Finished run(std::vector<std::string> const &command);

/// Starts a program with these as its standard input and output; standard error is ours. No other descriptor of
/// ours that is marked close-on-exec reaches it. Returns the pid, which the caller must wait for.
int start(std::vector<std::string> const &command, int input, int output);

/// Waits for a child to end; returns its exit code, or 128 + the signal's number.
int wait(int pid);

}  // namespace tableforge::test
