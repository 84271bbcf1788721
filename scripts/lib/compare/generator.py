"""Runs the load generator against one server and reads its report."""

import json
import time

from .programs import Trouble, run

# What a held rate may take at most, with its doublings and bisections, in trials.
TRIALS_MAX = 30
# Connecting and seating everybody, and waiting for stragglers.
SETUP_SECONDS = 180


class Generator:
    """`tableforge load`, with the tables and players of a comparison; its reports go to `directory`."""

    def __init__(self, binary, directory, cluster, *, tables, players):
        self._binary, self._directory, self._cluster = binary, directory, cluster
        self._tables, self._players = tables, players
        self._runs = 0

    def hold(self, server, *, mix, rate, seconds, cores, tables=None, players=None, seats=None):
        """One rate for some time: the report's stage, and PostgreSQL's cores meanwhile."""
        report, postgresql = self._run(
            server, ["--rate", str(rate), "--duration", str(seconds)], mix, seconds, cores, tables, players, seats
        )
        return _figures(report["stages"][-1], postgresql, report)

    def saturate(self, server, *, mix, bound_ms, step_seconds, start, cores):
        """The highest rate with a p99 below the bound and nothing lost: the stage in which it was tried."""
        report, postgresql = self._run(
            server,
            ["--saturate", str(bound_ms), "--step", str(step_seconds), "--rate", str(start)],
            mix,
            TRIALS_MAX * step_seconds * 1.25,
            cores,
        )
        rate = report["saturation_per_second"]
        if rate is None:
            raise Trouble(f"{server.name} held no rate: {'; '.join(report['findings'])}")
        stage = min(report["stages"], key=lambda each: abs(each["offered_per_second"] - rate))
        figures = _figures(stage, postgresql, report)
        # Over all trials, which says nothing about this one.
        del figures["cores"]["postgresql"]
        return figures

    def _run(self, server, course, mix, seconds, cores, tables=None, players=None, seats=None):
        self._runs += 1
        file = self._directory / f"{self._runs:03}-{server.name}.json"
        command = [self._binary, "load", "--quiet", "--url", f"ws://127.0.0.1:{server.port}", "--dialect", server.dialect]
        command += ["--tables", str(tables or self._tables), "--players", str(players or self._players), "--mix", mix]
        command += ["--server-pid", str(server.pid), "--json", file, *course]
        if seats is not None:
            command += ["--seats", str(seats)]
        if len(cores) == 1:
            command += ["--cpu", str(min(cores))]
        begin, cpu = time.monotonic(), self._cluster.cpu_seconds()
        code, output, errors = run(command, cores=cores, seconds=seconds + SETUP_SECONDS, meanwhile=self._cluster.raise_priority)
        passed, cpu = time.monotonic() - begin, self._cluster.cpu_seconds() - cpu
        server.check()
        if not file.exists():
            raise Trouble(f"the generator made no report for {server.name}:\n{(errors or output).strip()[-1000:]}")
        report = json.loads(file.read_text())
        # Rates that were too high for a server may have cost it messages: the search has looked at that itself.
        wrong = report["failures"] or not report["stages"] or (code != 0 and "--saturate" not in course)
        if wrong:
            said = report["failures"] + report["findings"] or [output.strip()[-1000:]]
            more = f"; and {len(said) - 3} more" if len(said) > 3 else ""
            raise Trouble(f"the generator failed against {server.name}: {'; '.join(said[:3])}{more}")
        return report, cpu / passed


def _figures(stage, postgresql, report):
    """What a comparison needs of a stage."""
    seconds, server = stage["seconds"], stage["server"]
    if server is None:
        raise Trouble("the generator could not read the server's use of CPU")
    deliveries = stage["deliveries"] + stage["presence_deliveries"]
    latency = stage["presence"] if stage["actions_sent"] == 0 else stage["ack"]
    return {
        "offered_per_second": stage["offered_per_second"],
        "deliveries_per_second": deliveries / seconds,
        "actions_per_second": stage["actions_accepted"] / seconds,
        "cpu_us_per_delivery": server["cores"] * seconds * 1e6 / deliveries if deliveries else None,
        "p50_us": latency["p50_us"],
        "p99_us": latency["p99_us"],
        "resident_bytes": server["resident_bytes"],
        "bytes_per_delivery": stage["bytes_received"] / deliveries if deliveries else None,
        "generator_was_full": report["generator_was_full"],
        "cores": {"server": server["cores"], "generator": stage["generator"]["cores"], "postgresql": postgresql},
    }
