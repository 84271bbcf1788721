"""What scripts/compare-peers concludes from figures, and how it treats programs that misbehave."""

import pathlib
import re
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

from compare import generator, journal, page  # noqa: E402
from compare.figures import CRITERIA, Criterion, Results, Spread  # noqa: E402
from compare.programs import Program, Trouble, run  # noqa: E402

MORE = Criterion("more", ("m", "ours", "x"), ("m", "theirs", "x"), 3.0, 4.5, True)
LESS = Criterion("less", ("m", "ours", "x"), ("m", "theirs", "x"), 0.75, 0.5, False)


def results(ours, theirs):
    out = Results()
    for competitor, values in (("ours", ours), ("theirs", theirs)):
        for value in values:
            out.add("m", competitor, {} if value is None else {"x": value, "cores": {"server": value}})
    return out


class FiguresTest(unittest.TestCase):
    def test_the_ratio_is_of_medians_and_its_range_of_the_rounds(self):
        self.assertEqual(MORE.ratio(results([10, 30, 20], [5, 5, 4])), Spread(4.0, 2.0, 6.0, 3))

    def test_a_round_without_a_figure_counts_for_nothing(self):
        self.assertEqual(MORE.ratio(results([None, 30, 20], [5, 5, None])), Spread(5.0, 5.0, 6.0, 1))

    def test_nothing_measured_is_no_ratio(self):
        self.assertIsNone(MORE.ratio(results([10], [None])))
        self.assertIsNone(MORE.ratio(results([10], [])))
        self.assertEqual(MORE.verdict(None), "not measured")

    def test_verdicts_know_which_side_of_a_bar_is_the_good_one(self):
        verdicts = [MORE.verdict(Spread(value, value, value, 1)) for value in (2.9, 3.0, 4.5)]
        self.assertEqual(verdicts, ["BELOW THE FLOOR", "floor held", "aim reached"])
        verdicts = [LESS.verdict(Spread(value, value, value, 1)) for value in (0.76, 0.75, 0.5)]
        self.assertEqual(verdicts, ["BELOW THE FLOOR", "floor held", "aim reached"])

    def test_a_figure_may_lie_deeper(self):
        self.assertEqual(results([1, None, 3], []).values("m", "ours", "cores", "server"), [1, None, 3])


class PageTest(unittest.TestCase):
    def test_a_page_with_gaps_is_still_a_page(self):
        out = Results()
        for each in CRITERIA:
            for measurement, competitor, _ in (each.ours, each.theirs):
                out.add(measurement, competitor, {})
        text = page.page(out, [("date", "today")], ["round 1: the server burnt"])
        self.assertEqual(text.count("not measured"), len(CRITERIA))
        self.assertIn("- round 1: the server burnt", text)

    def test_figures_are_shown_with_their_range_and_the_bar(self):
        out = Results()
        for rate in (300_000, 200_000, 400_000):
            out.add("presence", "tableforge", {"deliveries_per_second": rate, "cores": {"server": 1.0}})
            out.add("presence", "ws", {"deliveries_per_second": rate / 4, "cores": {"server": 1.0}})
        text = page.page(out, [], [])
        self.assertIn("| TableForge | 300,000 (200,000 … 400,000) |", text)
        self.assertIn("| 4.00 (4.00 … 4.00) | 3.0 | 4.5 | floor held |", text)


class GeneratorTest(unittest.TestCase):
    STAGE = {
        "seconds": 2.0,
        "offered_per_second": 1000.0,
        "actions_sent": 0,
        "actions_accepted": 0,
        "deliveries": 0,
        "presence_deliveries": 10_000,
        "bytes_received": 1_200_000,
        "ack": {"p50_us": 1, "p99_us": 2},
        "presence": {"p50_us": 3, "p99_us": 4},
        "server": {"cores": 0.5, "resident_bytes": 7},
        "generator": {"cores": 0.25},
    }

    def test_cpu_is_spread_over_the_deliveries(self):
        found = generator._figures(self.STAGE, 0.1, {"generator_was_full": False})
        self.assertEqual(found["cpu_us_per_delivery"], 100)
        self.assertEqual(found["deliveries_per_second"], 5_000)
        self.assertEqual(found["bytes_per_delivery"], 120)
        self.assertEqual((found["p50_us"], found["p99_us"]), (3, 4))

    def test_the_latency_of_actions_is_that_of_their_acknowledgement(self):
        found = generator._figures(self.STAGE | {"actions_sent": 5}, 0.1, {"generator_was_full": False})
        self.assertEqual((found["p50_us"], found["p99_us"]), (1, 2))


class JournalTest(unittest.TestCase):
    def test_the_statement_is_the_one_in_the_source(self):
        text = journal.statement((ROOT / "src" / "storage" / "commit_rows.cpp").read_text())
        self.assertTrue(text.startswith("insert into commit_row "))
        self.assertIn("$6::jsonb[]", text)

    def test_a_source_without_it_is_trouble_that_says_where(self):
        with self.assertRaisesRegex(Trouble, "journal.py"):
            journal.statement('constexpr Statement kInsert{"x", "insert into y values ($1::int)"};')

    def test_each_client_writes_to_tables_of_its_own(self):
        text = journal.script("insert $1::uuid[] $2::bigint[] $3::int[] $4::uuid[] $5::timestamptz[] $6::jsonb[]", 2, 50)
        self.assertNotIn("$", text)
        self.assertIn(":tables0::uuid[] array_fill(:seq::bigint, array[50]) :ns::int[]", text)
        self.assertIn(":tables1::uuid[]", text)
        given = dict(part.split("=", 1) for part in journal._variables(2, 50) if part != "-D")
        self.assertTrue(set(re.findall(r"(?<!:):([a-z_]+\d*)", text)) - {"client_id"} <= set(given))
        self.assertNotEqual(given["tables0"], given["tables1"])

    def test_an_array_keeps_what_is_in_its_texts(self):
        self.assertEqual(journal._array(['[{"a":"\\n"}]']), '{"[{\\"a\\":\\"\\\\n\\"}]"}')


class ProgramTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.log = pathlib.Path(directory.name) / "log"

    def program(self, script, seconds=20):
        return Program("x", ["sh", "-c", script], cores={0}, listens=r"listens on (\d+)", log=self.log, seconds=seconds)

    def test_the_port_is_read_and_the_end_is_made(self):
        with self.program("echo listens on 4321; exec sleep 60") as program:
            self.assertEqual(program.port, 4321)
            program.check()
            self.assertTrue(pathlib.Path(f"/proc/{program.pid}").exists())
        self.assertFalse(pathlib.Path(f"/proc/{program.pid}").exists())

    def test_who_ends_early_is_quoted(self):
        with self.assertRaisesRegex(Trouble, "x ended with code 3; it said:\nno room"):
            with self.program("echo no room; exit 3"):
                self.fail("it does not listen")

    def test_who_never_listens_is_ended(self):
        begin = time.monotonic()
        program = self.program("exec sleep 60", seconds=0.2)
        with self.assertRaisesRegex(Trouble, "did not listen"):
            with program:
                self.fail("it does not listen")
        self.assertLess(time.monotonic() - begin, 30)
        self.assertFalse(pathlib.Path(f"/proc/{program.pid}").exists())

    def test_a_command_that_takes_too_long_is_killed(self):
        seen = []
        with self.assertRaisesRegex(Trouble, "sleep did not end within 1 s"):
            run(["sleep", "60"], cores={0}, seconds=1, meanwhile=lambda: seen.append(1))
        self.assertEqual(seen, [1])


if __name__ == "__main__":
    unittest.main()
