"""Programs that a comparison starts, and that end with it, however it ends."""

import ctypes
import os
import pathlib
import re
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
# Loaded here: between fork and exec nothing should have to be found first.
_libc = ctypes.CDLL(None, use_errno=True)


class Trouble(Exception):
    """What went wrong, in a sentence that says what to do."""


def prepared(cores):
    """For preexec_fn: the child stays on these cores, does not get the terminal's Ctrl-C, and dies with this script."""

    def prepare():
        os.setpgid(0, 0)
        os.sched_setaffinity(0, cores)
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    return prepare


def run(command, *, cores, seconds, env=None, cwd=None, meanwhile=None):
    """Runs a command to its end and returns (code, output, errors); Trouble if it takes longer than `seconds`.

    `meanwhile` is called once, when the command has been at work for a second.
    """
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        preexec_fn=prepared(cores),
    ) as process:
        try:
            try:
                output, errors = process.communicate(timeout=1)
            except subprocess.TimeoutExpired:
                if meanwhile is not None:
                    meanwhile()
                output, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Trouble(f"{pathlib.Path(command[0]).name} did not end within {seconds:.0f} s") from None
        finally:
            if process.poll() is None:
                process.kill()
    return process.returncode, output, errors


class Program:
    """A server, from the line that says that it listens to its end. Use as a context."""

    def __init__(self, name, command, *, cores, listens, log, seconds=30, env=None, cwd=None):
        """`listens` finds the port in what the program prints, which goes to the file `log`."""
        self.name = name
        self.pid = self.port = None
        self._command, self._cores, self._listens, self._log = command, cores, re.compile(listens), log
        self._seconds, self._env, self._cwd = seconds, env, cwd

    def __enter__(self):
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._cwd,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=prepared(self._cores),
            )
        try:
            self.pid = self._process.pid
            self.port = self._await_port()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def check(self):
        """Trouble if it has ended by itself."""
        if self._process.poll() is not None:
            raise Trouble(f"{self.name} ended with code {self._process.returncode}; it said:\n{self._said()[-2000:]}")

    def _await_port(self):
        deadline = time.monotonic() + self._seconds
        while True:
            found = self._listens.search(self._said())
            if found:
                return int(found.group(1))
            self.check()
            if time.monotonic() > deadline:
                raise Trouble(f"{self.name} did not listen within {self._seconds} s; it said:\n{self._said()[-2000:]}")
            time.sleep(0.02)

    def _said(self):
        return self._log.read_text(errors="replace")
