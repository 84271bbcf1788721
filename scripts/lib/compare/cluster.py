"""A private PostgreSQL and a private Redis for one comparison."""

import shlex
import subprocess

from . import machine
from .programs import Trouble, run


class Cluster:
    """Both servers, from nothing to nothing: their data is deleted at the end, also if this script is killed.

    Use as a context.
    """

    def __init__(self, root, directory, cores):
        self._script, self._directory, self._cores = root / "scripts" / "private-servers", directory, cores
        self.postmaster = None

    def __enter__(self):
        # It watches this script: when the pipe closes, whyever, it stops both servers and deletes what they wrote.
        self._guard = subprocess.Popen(
            [self._script, "guard", self._directory], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._guard.wait(timeout=30)
        try:
            self._call("up", seconds=300)
            variables = {}
            for line in self._call("env", "--admin", seconds=30).splitlines():
                name, _, value = shlex.split(line)[1].partition("=")
                variables[name] = value
            self.database_url = variables["TABLEFORGE_DATABASE_URL"]
            self.redis_url = variables["TABLEFORGE_REDIS_URL"]
            self._admin_url = variables["TABLEFORGE_DATABASE_ADMIN_URL"]
            home = self._directory / "servers" / "postgres"
            self.postmaster = int((home / "postmaster.pid").read_text().split("\n", 1)[0])
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._guard.stdin.close()
        # The guard never writes: this returns when it is done.
        self._guard.stdout.read()
        self._guard.stdout.close()

    def _call(self, command, *options, seconds):
        code, output, errors = run(
            [self._script, command, self._directory, *options], cores=self._cores, seconds=seconds
        )
        if code != 0:
            raise Trouble(f"scripts/private-servers {command} failed:\n{errors[-2000:]}")
        return output

    def raise_priority(self):
        """Each process of PostgreSQL is a session of its own, and those of new connections come and go."""
        for pid in machine.family(self.postmaster):
            machine.raise_priority(pid)

    def cpu_seconds(self):
        return machine.family_cpu_seconds(self.postmaster)

    def sql(self, text, *, admin=False):
        """Runs SQL and returns what psql prints, columns separated by tabs."""
        url = self._admin_url if admin else self.database_url
        code, output, errors = run(
            ["psql", "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", text],
            cores=self._cores,
            seconds=120,
        )
        if code != 0:
            raise Trouble(f"psql failed: {errors.strip()[-1000:]}")
        return output

    def empty(self):
        """Each measurement begins with empty tables and nothing to write back."""
        self.sql("truncate commit_row, snapshot, player, table_directory, invitation, invitation_use")
        self.sql("checkpoint", admin=True)
