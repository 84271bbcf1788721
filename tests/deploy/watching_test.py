"""Every panel has data, and alerts fire by their real cause and clear when it is gone."""

import contextlib
import json
import math
import subprocess
import threading
import time
from urllib.request import Request, urlopen

import yaml

from faults_test import busiest, check, progress, say
from players import Game, call
from stack import ROOT, run, wait_until

CLEARED_WITHIN = 240  # seconds: a rate over a minute, and what the instances need to notice


def panels(stack):
    """Every panel of every dashboard has data."""
    rules = stack.directory / "dashboards.yml"
    run("node", ROOT / "tests/deploy/dashboards.mjs", rules, *sorted((ROOT / "deploy/grafana/dashboards").glob("*.json")))
    queries = yaml.safe_load(rules.read_text())["groups"][0]["rules"]
    with Game(stack.url, tables=3) as game, readers(stack, game, rate=30), Game(stack.url, tables=1) as split:
        instances = list(stack.instances().values())
        for index, player in enumerate(split.players):
            player.url = instances[index % len(instances)]
            player.socket.close()
        progress(game, seconds=75)
        empty = [rule for rule in queries if not has_data(stack, rule["expr"])]
        # Some come only once in a while; they get a second look.
        deadline = time.monotonic() + 60
        while empty and time.monotonic() < deadline:
            time.sleep(5)
            empty = [rule for rule in empty if not has_data(stack, rule["expr"])]
    for rule in empty:
        say(f"no data: {rule['labels']['dashboard']}, {rule['labels']['panel']} {rule['labels']['query']}: {rule['expr']}")
    check(not empty, f"{len(empty)} of {len(queries)} queries have no data")
    say(f"{len(queries)} queries of 3 dashboards have data")


def has_data(stack, query):
    return any(math.isfinite(float(series["value"][1])) for series in stack.prometheus(query))


@contextlib.contextmanager
def readers(stack, game, rate):
    """Reads of the lobby, of tables and of histories through the balancer, until the end of the block."""
    going = threading.Event()
    going.set()

    def read(worker):
        tables = list(game.tables.items())
        turn = worker
        while going.is_set():
            table, accounts = tables[turn % len(tables)]
            path = ("/v1/tables?limit=20", f"/v1/tables/{table}", f"/v1/tables/{table}/history?from=1&limit=100", "/v1/systems")[turn % 4]
            turn += 1
            with contextlib.suppress(Exception):  # what fails is what is tested elsewhere
                call(stack.url + path, token=accounts[0].token, timeout=20)
            time.sleep(8 / rate)

    workers = [threading.Thread(target=read, args=(index,), daemon=True) for index in range(8)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        going.clear()
        for worker in workers:
            worker.join(30)


class Cause:
    """What makes alerts fire while it lasts, and what is expected of them."""

    def __init__(self, stack, *alerts, within=150):
        self.stack, self.expected, self.within = stack, set(alerts), within

    def fired(self):
        begin = time.monotonic()
        seen = {}

        def all_fire():
            for alert in self.stack.alerts() & self.expected:
                seen.setdefault(alert, time.monotonic() - begin)
            return set(seen) == self.expected

        try:
            wait_until(f"these fire: {self.expected}", self.within, all_fire, step=1)
        except TimeoutError:
            raise TimeoutError(f"not within {self.within} s: {sorted(self.expected - set(seen))}") from None
        say("fired: " + ", ".join(f"{alert} after {seconds:.0f} s" for alert, seconds in sorted(seen.items())))

    def cleared(self, within=CLEARED_WITHIN):
        took = wait_until(f"these clear: {self.expected}", within, lambda: not self.stack.alerts() & self.expected, step=1)
        say(f"cleared {took:.0f} s after the cause was gone")


def alert_instances(stack):
    """InstanceDown, InstanceNotReady: an instance is stopped, and one hangs."""
    cause = Cause(stack, "InstanceDown")
    victim = busiest(stack)
    run("docker", "stop", "--time", "30", victim)
    cause.fired()
    told = call("http://127.0.0.1:9093/api/v2/alerts")
    check("InstanceDown" in {alert["labels"]["alertname"] for alert in told}, "Alertmanager was not told")
    run("docker", "start", victim)
    cause.cleared()
    cause = Cause(stack, "InstanceNotReady", "InstanceDown")
    victim = busiest(stack)
    run("docker", "pause", victim)
    try:
        cause.fired()
    finally:
        run("docker", "unpause", victim)
    cause.cleared()


def alert_front(stack):
    """FrontDown, CertificateAge: the balancer is stopped, and then has a certificate of seven days."""
    cause = Cause(stack, "FrontDown")
    run("docker", "stop", stack.containers("haproxy")[0])
    cause.fired()
    certificates = stack.directory / "certificates"
    certificates.mkdir(exist_ok=True)
    key, certificate = certificates / "key", certificates / "certificate"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "7", "-subj", "/CN=haproxy", "-keyout", key, "-out", certificate)
    (certificates / "front.pem").write_text(certificate.read_text() + key.read_text())
    key.unlink()
    certificate.unlink()
    targets = stack.directory / "front.yml"
    targets.write_text('- targets: ["https://haproxy:8443/openapi.json"]\n')
    stack.set(TABLEFORGE_TLS="on", TABLEFORGE_CERTIFICATES=str(certificates), TABLEFORGE_FRONT_TARGETS=str(targets))
    stack.up("haproxy", "prometheus")
    cause.cleared()
    cause = Cause(stack, "CertificateAge")
    cause.fired()
    stack.set(TABLEFORGE_TLS="off", TABLEFORGE_CERTIFICATES="./haproxy/certificates", TABLEFORGE_FRONT_TARGETS="./prometheus/front.yml")
    stack.up("haproxy", "prometheus")
    wait_until("the balancer is back", 30, lambda: call(stack.url + "/v1/systems"))
    # The series of the old address is gone at the next look.
    cause.cleared()


def alert_redis(stack):
    """RedisAway, CacheBreakerOpen: Redis is stopped under load."""
    cause = Cause(stack, "RedisAway", "CacheBreakerOpen")
    with Game(stack.url) as game, readers(stack, game, rate=40):
        progress(game)
        container = stack.containers("redis")[0]
        run("docker", "stop", container)
        cause.fired()
        run("docker", "start", container)
        cause.cleared()


def alert_postgres(stack):
    """PostgresAway, CommitErrors, PoolExhausted: PostgreSQL hangs under load, and is killed."""
    container = stack.containers("postgres")[0]
    with Game(stack.url) as game, readers(stack, game, rate=200):
        progress(game)
        cause = Cause(stack, "PostgresAway", "PoolExhausted")
        run("docker", "pause", container)
        try:
            cause.fired()
        finally:
            run("docker", "unpause", container)
        cause.cleared()
        cause = Cause(stack, "CommitErrors")
        for _ in range(2):
            run("docker", "kill", "--signal", "KILL", container)
            run("docker", "start", container)
            wait_until("play goes on", 60, lambda: progress(game, seconds=1))
        cause.fired()
        cause.cleared()


def alert_latency(stack):
    """ActionLatency, CommitLatency: PostgreSQL stands still four times a second."""
    container = stack.containers("postgres")[0]
    going = threading.Event()
    going.set()

    def stutter():
        while going.is_set():
            run("docker", "pause", container)
            time.sleep(0.3)
            run("docker", "unpause", container)
            time.sleep(0.1)

    cause = Cause(stack, "ActionLatency", "CommitLatency")
    with Game(stack.url) as game:
        progress(game)
        worker = threading.Thread(target=stutter, daemon=True)
        worker.start()
        try:
            cause.fired()
        finally:
            going.clear()
            worker.join(30)
        cause.cleared()


def alert_transaction(stack):
    """OldestTransaction: somebody leaves a transaction open."""
    cause = Cause(stack, "OldestTransaction", within=200)
    forgotten = subprocess.Popen(["docker", "exec", stack.containers("postgres")[0], "psql", "-q", "-h", "/run/postgresql", "-U", "postgres", "-d", "tableforge", "-c",
                                  "begin", "-c", "select pg_sleep(300)"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        cause.fired()
        stack.psql("select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(300)%' and pid <> pg_backend_pid()")
    finally:
        forgotten.wait(30)
    cause.cleared()


def alert_memory(stack):
    """MemoryNearLimit: the limit is a little above what an instance holds."""
    highest = max(float(series["value"][1]) for series in stack.prometheus('process_resident_memory_bytes{job="tableforge"}'))
    cause = Cause(stack, "MemoryNearLimit")
    # Prometheus alone is told: a container with so little room might be killed before anybody is called.
    stack.set(TABLEFORGE_MEMORY=str(int(highest * 1.05)))
    stack.up("--no-deps", "prometheus")
    cause.fired()
    stack.set(TABLEFORGE_MEMORY="1g")
    stack.up("--no-deps", "prometheus")
    cause.cleared()


def alert_cache(stack):
    """CacheHitRate: somebody sets a lifetime to nothing while the lobby is read."""
    token = (stack.secret_directory / "admin_token").read_text().strip()

    def lifetime(milliseconds):
        for container in stack.containers("server"):
            body = json.dumps({"value": milliseconds}).encode()
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            urlopen(Request(f"{stack.admin(container)}/admin/knobs/cache_lobby_page_ttl_ms", body, headers, method="PUT"), timeout=10).close()

    cause = Cause(stack, "CacheHitRate", within=400)
    with Game(stack.url, tables=1) as game, readers(stack, game, rate=60):
        ratio = 'tableforge:cache_hit_ratio:rate5m{class="lobby_page"}'
        wait_until("there is something to compare with", 400, lambda: float(stack.prometheus(f"count_over_time({ratio}[1d])")[0]["value"][1]) > 40, step=5)
        usual = float(stack.prometheus(ratio)[0]["value"][1])
        lifetime(0)
        cause.fired()
        now = float(stack.prometheus(ratio)[0]["value"][1])
        say(f"hit ratio of the lobby: {usual:.2f}, and {now:.2f} without a lifetime")
        lifetime(2000)
        cause.cleared(within=420)  # a rate over five minutes


def alert_slow_clients(stack):
    """OutboxDrops, SlowConsumers: many clients that hardly read."""
    cause = Cause(stack, "OutboxDrops", "SlowConsumers", within=240)
    name = f"{stack.project}-slow"
    run("docker", "rm", "--force", name, check=False)
    stack.compose("run", "--detach", "--no-deps", "--name", name, "migrate", "load", "--url", "ws://haproxy:8080", "--tables", "4", "--players", "6",
                  "--slow-readers", "200", "--rate", "2500", "--duration", "230", "--quiet")
    try:
        cause.fired()
    finally:
        run("docker", "rm", "--force", name)
    cause.cleared()


# What a machine that several share may miss, and no deployment may.
ALWAYS_MET = ("every instance ready", "recorded games played", "no read fails", "nothing lost", "tuner answers", "metrics present", "alert rules loaded",
              "20 database connections")


def validate(stack):
    """scripts/validate measures every target, and whatever does not depend on the machine is met."""
    printed = run(ROOT / "scripts/validate", "--env-file", stack.env_file, check=False, timeout=900)
    for line in printed.splitlines():
        say(line)
    lines = [line for line in printed.splitlines() if line.endswith((" met", " MISSED", " not measured"))]
    for target in ALWAYS_MET:
        check(any(line.startswith(target) and line.endswith(" met") for line in lines), f"not met: {target}")
    check(len(lines) >= 17, f"only {len(lines)} targets were looked at")
    check(not any(line.endswith("not measured") for line in lines), "something was not measured")
