"""What is measured, one method for each measurement, which returns figures of one round by server."""

from . import machine, servers


SERVER_CORES, GENERATOR_CORES, BOTH = {0}, {1}, {0, 1}
BOUND_MS = 50
# Presence is not echoed to its sender; a move is, and that is its acknowledgement.
PRESENCE, ACTIONS = "presence=1", "move=1"
CPU_RATES = (2_000, 8_000)
# How often the two whose CPU is compared have their turn in each round, alternately: the machine's pace changes within
# a minute, and single turns of one program differ by more than what the ratio is held against.
CPU_TURNS = 3
LATENCY_RATE = 2_000
BATCH_TABLES, BATCH_CLIENTS = 50, 2


class Contest:
    """Starts each server anew for each measurement, so that none has another one's past.

    `lengths` has the seconds and sizes of everything, by name; see scripts/compare-peers.
    """

    def __init__(self, root, binary, directory, cluster, generator, journal, lengths):
        self._root, self._binary, self._directory = root, binary, directory
        self._cluster, self._generator, self._journal, self._lengths = cluster, generator, journal, lengths

    def measurements(self):
        """By name: [(competitor, function that measures it once)]. The order is the order within a round."""
        everybody = ("tableforge", *servers.PEERS)
        plan = {"presence": [(name, lambda name=name: self._presence(name)) for name in everybody]}
        for rate in CPU_RATES:
            turns = (*everybody, *(("tableforge", "ws") * (CPU_TURNS - 1)))
            plan[f"cpu-{rate}"] = [(name, lambda name=name, rate=rate: self._cpu(name, rate)) for name in turns]
        plan["durable"] = [
            ("tableforge", self._durable),
            ("ws", self._echo),
            ("pgbench", self._batches),
        ]
        plan["latency"] = [("pgbench", self._single), ("tableforge", self._latency)]
        plan["memory"] = [(name, lambda name=name: self._memory(name)) for name in ("tableforge", "ws")]
        return plan

    def _start(self, name, cores, io_threads=1):
        if name != "tableforge":
            return servers.peer(name, self._root, self._directory, cores=cores)
        self._cluster.empty()
        return servers.tableforge(
            self._binary, self._directory / "server", self._cluster, cores=cores, io_threads=io_threads
        )

    def _presence(self, name):
        with self._start(name, SERVER_CORES) as server:
            return self._saturate(server, PRESENCE, GENERATOR_CORES, start=10_000)

    def _cpu(self, name, rate):
        with self._start(name, SERVER_CORES) as server:
            return self._hold(server, PRESENCE, rate, GENERATOR_CORES)

    def _durable(self):
        """The rate is looked for first, and then held: PostgreSQL's share of the cores is that of the held rate."""
        with self._start("tableforge", BOTH) as server:
            found = self._saturate(server, ACTIONS, BOTH, start=5_000)
        with self._start("tableforge", BOTH) as server:
            held = self._hold(server, ACTIONS, found["offered_per_second"], BOTH)
            rows, events, body_bytes = self._cluster.sql(
                "select count(*), coalesce(sum(n), 0), coalesce(avg(length(body::text)), 0)::int from commit_row"
            ).split("\t")
        found["cores"] = held["cores"]
        found["held_p99_us"] = held["p99_us"]
        found["events_per_row"] = int(events) / max(1, int(rows))
        found["body_bytes"] = int(body_bytes)
        return found

    def _echo(self):
        """The same work without durability: everybody at the table gets each action, its sender included."""
        with self._start("ws", SERVER_CORES) as server:
            return self._saturate(server, ACTIONS, GENERATOR_CORES, start=5_000)

    def _batches(self):
        return self._journal.batches(
            clients=BATCH_CLIENTS, tables=BATCH_TABLES, seconds=self._lengths["pgbench_seconds"]
        )

    def _single(self):
        return self._journal.single(seconds=self._lengths["pgbench_seconds"])

    def _latency(self):
        with self._start("tableforge", BOTH) as server:
            return self._hold(server, ACTIONS, LATENCY_RATE, BOTH)

    def _memory(self, name):
        """What a further connection costs at a table that has a seat for it, and what it costs with its share of the
        table."""
        tables, seats = self._lengths["memory_tables"], self._lengths["players"]
        with self._start(name, SERVER_CORES) as server:
            empty = machine.resident_bytes(server.pid)
        resident = {}
        for players in (1, seats):
            with self._start(name, SERVER_CORES) as server:
                # Nobody says anything once all are there.
                figures = self._generator.hold(
                    server,
                    mix=PRESENCE,
                    rate=0,
                    seconds=self._lengths["idle_seconds"],
                    cores=GENERATOR_CORES,
                    tables=tables,
                    players=players,
                    seats=seats,
                )
                resident[players] = figures["resident_bytes"]
        return {
            "empty_bytes": empty,
            "resident_bytes": resident[seats],
            "connections": tables * seats,
            "bytes_per_connection": (resident[seats] - resident[1]) / (tables * (seats - 1)),
            "bytes_with_table": (resident[seats] - empty) / (tables * seats),
            "cores": figures["cores"],
        }

    def _saturate(self, server, mix, cores, start):
        return self._generator.saturate(
            server, mix=mix, bound_ms=BOUND_MS, step_seconds=self._lengths["step_seconds"], start=start, cores=cores
        )

    def _hold(self, server, mix, rate, cores):
        return self._generator.hold(
            server, mix=mix, rate=rate, seconds=self._lengths["hold_seconds"], cores=cores
        )
