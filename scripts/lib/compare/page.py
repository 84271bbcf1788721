"""The page that a comparison leaves, in Markdown."""

from .figures import CRITERIA

NAMES = {
    "tableforge": "TableForge",
    "ws": "Node `ws`",
    "socket.io": "Socket.IO",
    "colyseus": "Colyseus",
    "nats": "NATS over WebSocket",
    "pgbench": "`pgbench`",
}


def number(value):
    """With as many digits as a person compares."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(value, unit=1):
    """Median (least … most)."""
    if value is None:
        return "–"
    text = number(value.median / unit)
    return f"{text} ({number(value.least / unit)} … {number(value.most / unit)})" if value.rounds > 1 else text


def middle(value):
    """The median alone, for what every round has the same of."""
    return "–" if value is None else number(value.median)


def _table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def verdicts(results):
    """The table of the bars, for the page and for the terminal."""
    rows = []
    for each in CRITERIA:
        ratio = each.ratio(results)
        bound = "" if each.more_is_better else "≤ "
        rows.append([each.what, spread(ratio), f"{bound}{each.floor}", f"{bound}{each.aim}", each.verdict(ratio)])
    return _table(["ratio of the medians", "measured", "floor", "aim", ""], rows)


def _cores(results, measurement, competitor):
    """Server, PostgreSQL, generator: cores in use."""
    parts = []
    for who in ("server", "postgresql", "generator", "pgbench"):
        used = results.spread(measurement, competitor, "cores", who)
        parts.append("–" if used is None else f"{used.median:.2f}")
    return parts[:3] if competitor != "pgbench" else ["–", parts[1], parts[3]]


CPU_HEAD = ["CPU: server", "PostgreSQL", "generator"]


def _competitors(results, measurement):
    return [name for name in NAMES if results.rounds(measurement, name)]


def _presence(results):
    rows = []
    for name in _competitors(results, "presence"):
        full = any(results.values("presence", name, "generator_was_full"))
        rate = results.spread("presence", name, "deliveries_per_second")
        p50 = results.spread("presence", name, "p50_us")
        rows.append(
            [
                NAMES[name],
                spread(rate) + (", at least: the generator was full" if full else ""),
                spread(p50, 1_000),
                spread(results.spread("presence", name, "p99_us"), 1_000),
                spread(results.spread("presence", name, "bytes_per_delivery")),
                *_cores(results, "presence", name),
            ]
        )
    return _table(["", "deliveries/s", "p50 ms", "p99 ms", "bytes each", *CPU_HEAD], rows)


def _cpu(results):
    rows = []
    for measurement in ("cpu-2000", "cpu-8000"):
        for name in _competitors(results, measurement):
            rows.append(
                [
                    NAMES[name],
                    f"{int(measurement[4:]):,}",
                    spread(results.spread(measurement, name, "cpu_us_per_delivery")),
                    spread(results.spread(measurement, name, "p50_us"), 1_000),
                    spread(results.spread(measurement, name, "p99_us"), 1_000),
                    *_cores(results, measurement, name),
                ]
            )
    return _table(["", "actions/s", "server CPU, µs per delivery", "p50 ms", "p99 ms", *CPU_HEAD], rows)


def _durable(results):
    rows = []
    for name in _competitors(results, "durable"):
        figure = "rows_per_second" if name == "pgbench" else "actions_per_second"
        what = {"tableforge": ", committed first", "ws": ", from memory", "pgbench": ", rows of the journal's statement"}
        rows.append(
            [
                NAMES[name] + what[name],
                spread(results.spread("durable", name, figure)),
                spread(results.spread("durable", name, "p50_us"), 1_000),
                spread(results.spread("durable", name, "p99_us"), 1_000),
                *_cores(results, "durable", name),
            ]
        )
    return _table(["", "per second", "p50 ms", "p99 ms", *CPU_HEAD], rows)


def _latency(results):
    rows = []
    for name in _competitors(results, "latency"):
        what = ": one row, one client" if name == "pgbench" else ": an action, 2,000 actions/s"
        rows.append(
            [
                NAMES[name] + what,
                spread(results.spread("latency", name, "p50_us"), 1_000),
                spread(results.spread("latency", name, "p99_us"), 1_000),
                *_cores(results, "latency", name),
            ]
        )
    return _table(["", "p50 ms", "p99 ms", *CPU_HEAD], rows)


def _memory(results):
    rows = []
    for name in _competitors(results, "memory"):
        rows.append(
            [
                NAMES[name],
                middle(results.spread("memory", name, "connections")),
                spread(results.spread("memory", name, "bytes_per_connection"), 1_024),
                spread(results.spread("memory", name, "bytes_with_table"), 1_024),
                spread(results.spread("memory", name, "empty_bytes"), 1 << 20),
                spread(results.spread("memory", name, "resident_bytes"), 1 << 20),
                *_cores(results, "memory", name),
            ]
        )
    head = ["", "connections", "KB per further connection", "KB with its share of the table", "MB empty", "MB with all"]
    return _table([*head, *CPU_HEAD], rows)


SECTIONS = (
    (
        "presence",
        "Presence",
        "The highest rate with a p99 below 50 ms and nothing lost, the server on one core, the generator on another. A "
        "message of one client goes to the five others of its table, from memory.",
        _presence,
    ),
    (
        "cpu-2000",
        "CPU per delivery",
        "The same work at rates that everybody was meant to hold; each action has five deliveries.",
        _cpu,
    ),
    (
        "durable",
        "Durable actions",
        "The highest rate with a p99 below 50 ms. TableForge commits each action (the move of a piece) before anybody "
        "sees it, with PostgreSQL and the generator on the same two cores; Node `ws` passes it on from memory, to its "
        "sender too, on one core, with the generator on the other. Of TableForge the use of CPU is that of the found "
        "rate when it was held once more.",
        _durable,
    ),
    (
        "latency",
        "Latency of a commit",
        "From when an action was due until its sender has its event, and what a commit of one row alone takes with the "
        "same statement, one after the other on the same two cores.",
        _latency,
    ),
    (
        "memory",
        "Memory",
        "Resident memory of servers whose clients have all come and say nothing. All tables have six seats; a further "
        "connection is what the second to sixth at a table add.",
        _memory,
    ),
)


def page(results, facts, troubles):
    """`facts` are (name, text) pairs: versions, the command, the date."""
    parts = [
        "# Side by side",
        "What `scripts/compare-peers` has measured and written; not edited by hand. The peers broadcast from memory and "
        "lose everything when they are killed; their programs are in "
        "[tests/performance/peers](../../tests/performance/peers/README.md).",
        _table(["", ""], [list(fact) for fact in facts]),
        "Each figure is the median of the rounds, with the least and the most in parentheses; the rounds are "
        "interleaved. CPU per delivery is measured three times in each round for the two whose ratio counts, in turns. "
        "CPU is in cores.",
        "## Ratios",
        verdicts(results),
    ]
    for measurement, title, words, table in SECTIONS:
        if _competitors(results, measurement):
            parts += [f"## {title}", words, table(results)]
            rounds = [each for each in results.rounds("durable", "tableforge") if each]
            if measurement == "durable" and rounds:
                parts.append(
                    f"A row of the journal held {number(rounds[-1]['events_per_row'])} events in "
                    f"{number(rounds[-1]['body_bytes'])} bytes of TableForge's, one of 305 in `pgbench`'s."
                )
    if troubles:
        parts += ["## What could not be measured", "\n".join(f"- {trouble}" for trouble in troubles)]
    return "\n\n".join(parts) + "\n"
