"""Three instances behind the balancer, and what players notice when something breaks."""

import time

from players import Game
from stack import ROOT, run, wait_until

BACK_WITHIN = 5.0  # seconds
REDIS_AWAY = 60.0


def say(text):
    print(f"  {text}", flush=True)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def first_game(stack):
    """The game of the README through the balancer."""
    printed = run("/usr/bin/python3", ROOT / "docs/first_game.py", stack.url)
    check("Well rolled!" in printed, printed)
    say(f"the first game was played: {len(printed.splitlines())} messages seen")


def agree(stack, game):
    """The same state in the eyes of all instances, and of one that has nothing but the database."""
    verdict = game.judge()
    check(verdict.lost == verdict.doubled == 0 and not verdict.problems, f"{verdict} {verdict.problems[:5]}")
    stored = {table: int(stack.psql(f"select max(first_seq + n - 1) from commit_row where table_id = '{table}'")) for table in game.tables}
    hashes = {}
    for container, url in stack.instances().items():
        hashes[container] = game.hashes(url)
    with lone_instance(stack) as url:
        hashes["PostgreSQL alone"] = game.hashes(url)
    check(len({str(each) for each in hashes.values()}) == 1, f"states differ: {hashes}")
    say(f"{verdict}; the states of {len(stored)} tables are equal on {len(hashes) - 1} instances and in the database")
    return hashes["PostgreSQL alone"]


class lone_instance:
    """An instance that nobody knows, without Redis, so that it has only the database to read from."""

    def __init__(self, stack):
        self.stack = stack

    def __enter__(self):
        # Another service name: the balancer resolves `server`.
        name = f"{self.stack.project}-lone"
        run("docker", "rm", "--force", name, check=False)
        self.stack.compose("run", "--detach", "--no-deps", "--name", name, "--env", "TABLEFORGE_REDIS_URL=none", "--env", "REDIS_PASSWORD_FILE=",
                           "migrate", "serve")
        self.name = name
        url = f"http://{self.stack.address(name)}"
        from players import call
        wait_until("the lone instance is ready", 30, lambda: call(f"{url}:9090/readyz")["status"] == "ready")
        return f"{url}:8080"

    def __exit__(self, *_):
        run("docker", "rm", "--force", self.name)


def report_outages(game, since, what):
    wait_until("everybody is back", 60, lambda: all(seconds is not None for seconds in game.outages(since)))
    outages = game.outages(since)
    check(outages, f"{what}: nobody lost a connection, so nothing was tried")
    say(f"{what}: {len(outages)} connections lost; back after {percentile(outages, 0.5):.2f} s (median), {max(outages):.2f} s (worst)")
    return max(outages)


def progress(game, seconds=2.0, at_least=10):
    """That play goes on: actions are acknowledged during the next seconds."""
    before = game.acknowledged()
    time.sleep(seconds)  # a span to count in, no wait for anything
    done = game.acknowledged() - before
    check(done >= at_least, f"only {done} actions were acknowledged in {seconds} s")
    return done / seconds


def kill_one(stack):
    """An instance is killed under load."""
    with Game(stack.url) as game:
        rate = progress(game)
        victim = busiest(stack)
        since = time.monotonic()
        run("docker", "kill", "--signal", "KILL", victim)
        worst = report_outages(game, since, "one of three instances killed")
        check(worst <= BACK_WITHIN, f"somebody was away for {worst:.2f} s")
        say(f"{rate:.0f} actions/s before, {progress(game):.0f} after")
    run("docker", "start", victim)
    stack.up()
    agree(stack, game)


def busiest(stack):
    """The instance with the most sockets."""
    from urllib.request import urlopen

    def sockets(container):
        text = urlopen(f"{stack.admin(container)}/metrics", timeout=5).read().decode()
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("tableforge_connections_open "))

    return max(stack.containers("server"), key=sockets)


def redis_away(stack):
    """Redis is killed for a minute under load."""
    with Game(stack.url) as game:
        before = progress(game)
        container = stack.containers("redis")[0]
        run("docker", "kill", "--signal", "KILL", container)
        begin = time.monotonic()
        during = progress(game, seconds=REDIS_AWAY)
        run("docker", "start", container)
        away = time.monotonic() - begin
        stack.up()
        after = progress(game)
        lost = len(game.outages(begin))
        say(f"Redis away for {away:.0f} s: {before:.0f} actions/s before, {during:.0f} without, {after:.0f} after; {lost} connections lost")
        check(lost == 0, "players lost their connection although only Redis was away")
        check(during > before / 2, "play slowed to less than half without Redis")
    agree(stack, game)


def split_tables(stack):
    """People of one table on different instances, while Redis is killed: nothing but the journal holds them together."""
    instances = list(stack.instances().values())
    game = Game(stack.url, tables=2)
    for index, player in enumerate(game.players):
        player.url = instances[index % len(instances)]
    with game:
        progress(game)
        container = stack.containers("redis")[0]
        run("docker", "kill", "--signal", "KILL", container)
        without = progress(game, seconds=10)
        run("docker", "start", container)
        stack.up()
        progress(game)
        say(f"people of one table on {len(instances)} instances: {without:.0f} actions/s while Redis was away")
    agree(stack, game)


def postgres_restarted(stack):
    """PostgreSQL is restarted under load: tables freeze, and go on."""
    with Game(stack.url) as game:
        progress(game)
        begin = time.monotonic()
        run("docker", "restart", "--time", "30", stack.containers("postgres")[0])
        stopped = time.monotonic() - begin
        before = game.acknowledged()
        frozen = wait_until("actions are acknowledged again", 30, lambda: game.acknowledged() > before + 20, step=0.05)
        lost = len(game.outages(begin))
        say(f"PostgreSQL restarted in {stopped:.1f} s; play goes on {frozen:.1f} s later; {lost} connections lost")
        progress(game)
    agree(stack, game)
