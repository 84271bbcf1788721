"""What pgbench reaches with the journal's own statement, on the cluster that TableForge uses."""

import json
import re
import resource
import statistics
import time
import uuid

from .programs import Trouble, run

# One move of one piece, as the journal stores it.
BODY = json.dumps(
    [
        {
            "ev": "piece.moved",
            "at": "2026-01-02T03:04:05.678901Z",
            "by": "01890a5d-ac96-774b-bcce-b302099a8057",
            "client": "0f8fad5b-d9cb-469f-a165-70867728950e",
            "id": "l00002a00012a05f201",
            "print": 10263718824016711,
            "data": {
                "moves": [
                    {"piece": "p1k9x2mq", "from": "table", "to": "table", "x": 412.5, "y": 96.25, "side": "front"}
                ]
            },
        }
    ],
    separators=(",", ":"),
)


def statement(source):
    """The SQL of the insert in src/storage/commit_rows.cpp, with $1 to $6."""
    found = re.search(r'kInsert\{\s*"[^"]*",((?:\s*"[^"]*")+)\s*\}', source)
    text = "".join(re.findall(r'"([^"]*)"', found.group(1))) if found else ""
    if not all(f"${number}::" in text for number in range(1, 7)) or "$7" in text:
        raise Trouble("src/storage/commit_rows.cpp has no kInsert with six parameters; scripts/lib/compare/journal.py reads it")
    return text


def _array(values):
    """As a PostgreSQL array literal."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def script(insert, clients, tables):
    """A pgbench script in which each client appends one row to each of its own tables, again and again.

    The texts are variables, so pgbench sends them as parameters, as the server does; the server sends the bodies in
    binary form, and pgbench knows none. The one that differs each time, first_seq, is made from a counter by
    PostgreSQL: pgbench cannot put together an array.
    """
    lines = ["\\set seq :seq + 1"]
    for client in range(clients):
        text = insert.replace("$2::bigint[]", f"array_fill(:seq::bigint, array[{tables}])")
        for number, name in ((1, f"tables{client}"), (3, "ns"), (4, "append_ids"), (5, "ats"), (6, "bodies")):
            text = text.replace(f"${number}::", f":{name}::")
        lines += [f"\\if :client_id = {client}", text + ";", "\\endif"]
    return "\n".join(lines) + "\n"


def _variables(clients, tables):
    values = {
        "seq": "0",
        "ns": _array(["1"] * tables),
        "append_ids": _array([str(uuid.uuid4()) for _ in range(tables)]),
        "ats": _array(["2026-01-02 03:04:05.678901+00"] * tables),
        "bodies": _array([BODY] * tables),
    }
    for client in range(clients):
        values[f"tables{client}"] = _array(sorted(str(uuid.uuid4()) for _ in range(tables)))
    return [part for name, value in values.items() for part in ("-D", f"{name}={value}")]


class Journal:
    """Runs pgbench; its scripts and logs go to `directory`."""

    def __init__(self, root, cluster, directory, cores):
        self._insert = statement((root / "src" / "storage" / "commit_rows.cpp").read_text())
        self._cluster, self._directory, self._cores = cluster, directory, cores

    def batches(self, *, clients, tables, seconds):
        """Statements of one row for each of `tables`, by so many clients: rows/s, and who used how much."""
        return self._run(clients, tables, seconds)[0]

    def single(self, *, seconds):
        """One client, one row a statement: with the median of the commits' times in µs."""
        figures, log = self._run(1, 1, seconds, "-l", "--log-prefix", str(self._directory / "single"))
        times = [int(line.split()[2]) for line in log]
        figures["p50_us"] = statistics.median(times)
        return figures

    def _run(self, clients, tables, seconds, *options):
        file = self._directory / "journal.pgbench"
        file.write_text(script(self._insert, clients, tables))
        for old in self._directory.glob("single.*"):
            old.unlink()
        self._cluster.empty()
        own_before, postgres_before = resource.getrusage(resource.RUSAGE_CHILDREN), self._cluster.cpu_seconds()
        begin = time.monotonic()
        code, output, errors = run(
            ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(clients), "-T", str(seconds)]
            + ["-f", str(file), *options, *_variables(clients, tables), self._cluster.database_url],
            cores=self._cores,
            seconds=seconds + 60,
            meanwhile=self._cluster.raise_priority,
        )
        passed = time.monotonic() - begin
        own, postgres = resource.getrusage(resource.RUSAGE_CHILDREN), self._cluster.cpu_seconds()
        done = re.search(r"number of transactions actually processed: (\d+)", output)
        rate = re.search(r"tps = ([\d.]+)", output)
        if code != 0 or not done or not rate:
            raise Trouble(f"pgbench failed:\n{errors.strip()[-1000:]}")
        # A clash of keys would be skipped in silence, and quickly.
        expected, found = int(done.group(1)) * tables, int(self._cluster.sql("select count(*) from commit_row"))
        if found != expected:
            raise Trouble(f"pgbench wrote {found} rows and says {expected}")
        figures = {
            "rows_per_second": float(rate.group(1)) * tables,
            "cores": {
                "pgbench": (own.ru_utime + own.ru_stime - own_before.ru_utime - own_before.ru_stime) / passed,
                "postgresql": (postgres - postgres_before) / passed,
            },
        }
        return figures, [line for log in self._directory.glob("single.*") for line in log.read_text().splitlines()]
