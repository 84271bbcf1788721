"""scripts/production-deploy.sh under load: upgrades, a version that does not work, the way back, backup and restore."""

import re
import time

from faults_test import agree, check, progress, report_outages, say
from players import Game
from stack import ROOT, run, wait_until

BACK_WITHIN = 5.0  # seconds
TOOL = ROOT / "scripts/production-deploy.sh"


def operate(stack, *arguments, check=True):
    return run(TOOL, "docker", *arguments, "--env-file", stack.env_file, check=check, timeout=600)


def version(stack):
    """Of the images that run, which are to be one."""
    images = {run("docker", "inspect", container, "--format", "{{.Config.Image}}").strip() for container in stack.containers("server")}
    check(len(images) == 1, f"several versions run: {images}")
    return images.pop().split(":")[1]


def take_over(stack):
    """The state that production-deploy.sh keeps, for a stack that was not made by it."""
    printed = operate(stack, "deploy", "--version", stack.settings["TABLEFORGE_VERSION"], "--no-build")
    check("is deployed" in printed, printed)


def rolling_restart(stack):
    """Every instance is replaced, one at a time, under load."""
    take_over(stack)
    with Game(stack.url) as game:
        rate = progress(game)
        since = time.monotonic()
        printed = operate(stack, "restart")
        took = time.monotonic() - since
        check(printed.count("replaced ") == 3, printed)
        worst = report_outages(game, since, f"three instances replaced in {took:.0f} s")
        check(worst <= BACK_WITHIN, f"somebody was away for {worst:.2f} s")
        say(f"{rate:.0f} actions/s before, {progress(game):.0f} after")
    agree(stack, game)


def upgrade_and_back(stack):
    """Another version under load, then back; and once more the same, which does nothing."""
    take_over(stack)
    old = version(stack)
    run("docker", "tag", f"tableforge:{old}", "tableforge:next")
    with Game(stack.url) as game:
        progress(game)
        since = time.monotonic()
        check("next is deployed" in operate(stack, "deploy", "--version", "next", "--no-build"), "not deployed")
        check(version(stack) == "next", "the instances are not of the next version")
        check("no instance needs to be replaced" in operate(stack, "deploy", "--version", "next", "--no-build"), "a second deploy did something")
        check(f"{old} is deployed" in operate(stack, "rollback"), "not rolled back")
        check(version(stack) == old, "the instances are not of the old version")
        worst = report_outages(game, since, "an upgrade and a rollback")
        check(worst <= BACK_WITHIN, f"somebody was away for {worst:.2f} s")
    agree(stack, game)


def broken_version(stack):
    """A version that never becomes ready: it goes back by itself, and players do not notice."""
    take_over(stack)
    old = version(stack)
    with Game(stack.url) as game:
        progress(game)
        since = time.monotonic()
        printed = operate(stack, "deploy", "--version", "broken", "--no-build", check=False)
        check(f"broken was not deployed: an instance did not become ready. {old} runs, as before" in printed, printed)
        check(version(stack) == old, "the old version does not run")
        say(f"went back by itself after {time.monotonic() - since:.0f} s; {len(game.outages(since))} connections lost")
        check(not game.outages(since), "players noticed")
        progress(game)
    agree(stack, game)


def scale(stack):
    """From three instances to two and back, under load."""
    with Game(stack.url) as game:
        progress(game)
        since = time.monotonic()
        for number in (2, 3):
            operate(stack, "scale", str(number))
            check(len(stack.containers("server")) == number, f"not {number} instances")
            wait_until(f"Prometheus expects {number}", 30, lambda: stack.prometheus("tableforge:instances:expected")[0]["value"][1] == str(number))
        report_outages(game, since, "to two instances and back to three")
    agree(stack, game)


def backup_and_restore(stack):
    """A base backup under load, restored into an empty cluster: the same states, from the journal alone too."""
    with Game(stack.url) as game:
        progress(game)
    before = agree(stack, game)
    printed = operate(stack, "backup")
    file = re.search(r"saving the database to (\S+)", printed)[1]
    with Game(stack.url, tables=1) as later:
        progress(later)
    size = re.search(r"saved: (\S+)", printed)[1]
    check("give --yes" in operate(stack, "restore", file, check=False), "restore did not ask")
    since = time.monotonic()
    operate(stack, "restore", file, "--yes")
    took = time.monotonic() - since
    wait_until("the balancer is back", 30, lambda: game.hashes(stack.url))
    check(agree(stack, game) == before, "the states are others after the restore")
    lost = next(iter(later.tables))
    check(stack.psql(f"select count(*) from commit_row where table_id = '{lost}'") == "0", "what came after the backup is there")
    stack.psql("truncate snapshot")
    check(agree(stack, game) == before, "the states computed from the journal alone are others")
    say(f"backup of {size}; restored in {took:.0f} s; the states of {len(before)} tables are those of before")


def migration(stack):
    """A version with another schema, under load: a backup first, then the migration, then the instances."""
    take_over(stack)
    last = sorted((ROOT / "deploy/migrations").glob("*.sql"))[-1]
    number = int(last.name.split("_")[0])
    made = re.findall(r"create (table|function) (\w+)", last.read_text())
    check(made, f"{last.name} makes nothing that could be taken back for this test")
    old = version(stack)
    run("docker", "tag", f"tableforge:{old}", "tableforge:next")
    with Game(stack.url) as game:
        progress(game)
        stack.psql("; ".join(f"drop {kind} {name} cascade" for kind, name in made) + f"; delete from schema_version where version = {number}")
        printed = operate(stack, "deploy", "--version", "next", "--no-build")
        check(f"the schema goes from version {number - 1} to {number}" in printed and "saved: " in printed, printed)
        check(stack.psql("select max(version) from schema_version") == str(number), "the schema was not migrated")
        operate(stack, "rollback")
        check(version(stack) == old, "the instances are not of the old version")
    agree(stack, game)


def dry_run(stack):
    """--dry-run changes nothing."""
    before = run("docker", "ps", "--quiet", "--no-trunc")
    settings = stack.env_file.read_text()
    for command in (["deploy", "--version", stack.settings["TABLEFORGE_VERSION"]], ["rollback", "--version", "next"], ["scale", "2"], ["backup"], ["secrets"]):
        operate(stack, *command, "--dry-run")
    check(run("docker", "ps", "--quiet", "--no-trunc") == before, "containers were changed")
    check(stack.env_file.read_text() == settings, "settings were changed")
