"""The machine that is measured on: its cores, its processes, and a place before others in the scheduler's queue."""

import os
import pathlib
import platform
import time

TICK = os.sysconf("SC_CLK_TCK")
NICENESS = -10


def raise_priority(pid=None):
    """Puts a process before what else runs, if this is root; and says whether it could.

    With Linux' autogroup, niceness counts only among the processes of one session, so the session's group is raised as
    well. Threads and processes that are started later inherit the first; a new session is a new group.
    """
    if os.geteuid() != 0:
        return False
    try:
        if pid is None:
            os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
        group = pathlib.Path(f"/proc/{pid or 'self'}/autogroup")
        if group.exists():
            group.write_text(str(NICENESS))
    except OSError:
        return False
    return True


def _stat(pid):
    # The name, in parentheses, may hold anything; what follows the last one is numbers.
    return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pid):
    """What a process has used so far, without its children."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICK


def resident_bytes(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def family(pid):
    """A process and its children."""
    members = [pid]
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int(_stat(entry.name)[1]) == pid:
                    members.append(int(entry.name))
            except OSError:
                pass  # It has just ended.
    return members


def family_cpu_seconds(pid):
    """What a process, its children and those that it has already collected have used so far."""
    fields = _stat(pid)
    total = sum(int(field) for field in fields[11:15]) / TICK
    for child in family(pid)[1:]:
        try:
            total += cpu_seconds(child)
        except OSError:
            pass
    return total


def busy_share(seconds=1.0):
    """How much of all cores is in use, by anybody, this machine's host included."""

    def read():
        fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(fields), fields[3] + fields[4]

    all_before, idle_before = read()
    time.sleep(seconds)
    all_after, idle_after = read()
    return 1 - (idle_after - idle_before) / max(1, all_after - all_before)


def description():
    """Model, cores and kernel, in words."""
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{model}, {len(os.sched_getaffinity(0))} cores, Linux {platform.release().split('-')[0]}"
