"""Medians over the rounds, and the ratios that a comparison is for."""

import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """The median of the rounds, and the least and the most."""

    median: float
    least: float
    most: float
    rounds: int

    @staticmethod
    def of(values):
        """None if there is no value."""
        values = [value for value in values if value is not None]
        return Spread(statistics.median(values), min(values), max(values), len(values)) if values else None


class Results:
    """Figures by measurement and competitor, one of each per round and turn."""

    def __init__(self):
        self._rounds = {}

    def add(self, measurement, competitor, figures):
        self._rounds.setdefault((measurement, competitor), []).append(figures)

    def rounds(self, measurement, competitor):
        return self._rounds.get((measurement, competitor), [])

    def values(self, measurement, competitor, *path):
        """Of every round; None where a round has no such figure."""
        values = []
        for figures in self.rounds(measurement, competitor):
            for name in path:
                figures = figures.get(name) if figures is not None else None
            values.append(figures)
        return values

    def spread(self, measurement, competitor, *path):
        return Spread.of(self.values(measurement, competitor, *path))

    def as_json(self):
        out = {}
        for (measurement, competitor), rounds in self._rounds.items():
            out.setdefault(measurement, {})[competitor] = rounds
        return out


@dataclass(frozen=True)
class Criterion:
    """A ratio of two figures, the bar that it has to pass and the one that it is to reach."""

    what: str
    ours: tuple  # (measurement, competitor, figure)
    theirs: tuple
    floor: float
    aim: float
    more_is_better: bool

    def ratio(self, results):
        """Of the medians; the range is that of the rounds' own ratios. None if either has not been measured."""
        ours, theirs = results.spread(*self.ours), results.spread(*self.theirs)
        if ours is None or theirs is None or not theirs.median:
            return None
        pairs = zip(results.values(*self.ours), results.values(*self.theirs))
        ratios = [mine / other for mine, other in pairs if mine is not None and other]
        median = ours.median / theirs.median
        return Spread(median, min(ratios + [median]), max(ratios + [median]), len(ratios))

    def passes(self, ratio, bar):
        return ratio >= bar if self.more_is_better else ratio <= bar

    def verdict(self, ratio):
        if ratio is None:
            return "not measured"
        if self.passes(ratio.median, self.aim):
            return "aim reached"
        return "floor held" if self.passes(ratio.median, self.floor) else "BELOW THE FLOOR"


_RATE, _COST = "deliveries_per_second", "cpu_us_per_delivery"

CRITERIA = (
    Criterion(
        "presence deliveries/s of one server core (p99 < 50 ms) ÷ Node `ws`",
        ("presence", "tableforge", _RATE),
        ("presence", "ws", _RATE),
        3.0,
        4.5,
        True,
    ),
    Criterion(
        "… ÷ NATS over WebSocket",
        ("presence", "tableforge", _RATE),
        ("presence", "nats", _RATE),
        1.3,
        1.8,
        True,
    ),
    Criterion(
        "durable actions/s (p99 < 50 ms; generator, server and PostgreSQL on two cores) ÷ Node `ws` in-memory actions/s",
        ("durable", "tableforge", "actions_per_second"),
        ("durable", "ws", "actions_per_second"),
        0.7,
        1.2,
        True,
    ),
    Criterion(
        "durable actions/s ÷ rows/s of `pgbench` with the journal's own statement, 50 tables a batch, 2 clients",
        ("durable", "tableforge", "actions_per_second"),
        ("durable", "pgbench", "rows_per_second"),
        0.4,
        0.8,
        True,
    ),
    Criterion(
        "p50 of a durable action at 2,000 actions/s ÷ p50 of a single-row commit by `pgbench`",
        ("latency", "tableforge", "p50_us"),
        ("latency", "pgbench", "p50_us"),
        5,
        2.5,
        False,
    ),
    Criterion(
        "memory per idle seated connection ÷ Node `ws`",
        ("memory", "tableforge", "bytes_per_connection"),
        ("memory", "ws", "bytes_per_connection"),
        0.2,
        0.1,
        False,
    ),
    Criterion(
        "server CPU per presence delivery at 2,000 actions/s ÷ Node `ws`",
        ("cpu-2000", "tableforge", _COST),
        ("cpu-2000", "ws", _COST),
        0.75,
        0.5,
        False,
    ),
    Criterion(
        "… at 8,000 actions/s",
        ("cpu-8000", "tableforge", _COST),
        ("cpu-8000", "ws", _COST),
        0.65,
        0.5,
        False,
    ),
)
