"""Players who go on whatever happens to the server, and a judge who compares what they saw with what is stored.

Each player keeps what it sent until it is acknowledged, comes back when its connection ends, resumes, and sends again what
is unacknowledged, as docs/protocol.md asks of a client.
"""

import hashlib
import json
import random
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter, deque
from dataclasses import dataclass, field

import websocket

SUBPROTOCOL = "tableforge.v1+json"
UNACKNOWLEDGED_MAX = 16
ANSWER_DEADLINE = 60.0  # seconds; beyond any restart that is tested


def call(url, body=None, token=None, timeout=10.0):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=timeout) as answer:
        return json.load(answer)


def patiently(what, url, *arguments, deadline=30.0, **options):
    """call(), until it succeeds: for what may be asked again without harm."""
    end = time.monotonic() + deadline
    while True:
        try:
            return call(url, *arguments, **options)
        except (urllib.error.URLError, OSError) as error:
            if isinstance(error, urllib.error.HTTPError) and error.code not in (429, 502, 503, 504):
                raise
            if time.monotonic() > end:
                raise TimeoutError(f"{what}: {error}") from error
            time.sleep(0.2)


@dataclass
class Outage:
    lost_at: float
    back_at: float | None = None

    @property
    def seconds(self):
        return None if self.back_at is None else self.back_at - self.lost_at


@dataclass
class Account:
    name: str
    id: str
    token: str


class Player(threading.Thread):
    """One connection at one table, and what its owner remembers."""

    def __init__(self, url, table, account, rate, seed, counts=False):
        super().__init__(daemon=True, name=account.name)
        self.url, self.table, self.account, self.rate = url, table, account, rate
        self.counts = counts
        self.client = uuid.uuid4().hex
        self.random = random.Random(seed)
        self.waiting = {}  # id -> message, in order of sending
        self.sent_at = {}
        self.acknowledged = {}  # id -> seq
        self.delays = []
        self.outages = []
        self.seq = None
        self.problems = []
        self.refused = Counter()
        self.acting = threading.Event()
        self.leaving = threading.Event()
        self.ready = threading.Event()
        self.socket = None

    # -- what happens on the wire

    def connect(self):
        address = f"ws{self.url.removeprefix('http')}/v1/tables/{self.table}/ws"
        self.socket = websocket.create_connection(address, subprotocols=[SUBPROTOCOL], timeout=5)
        hello = {"op": "hello", "token": self.account.token, "client": self.client}
        if self.seq is not None:
            hello["resume"] = {"seq": self.seq}
        self.socket.send(json.dumps(hello))
        while True:
            for message in self.receive():
                if message["ev"] == "welcome":
                    if message["mode"] == "snapshot" or self.seq is None:
                        self.seq = message["seq"]
                    return
                if message["ev"] == "goodbye":
                    raise Farewell(message)
                if message["ev"] == "error":
                    raise ConnectionError(f"hello refused: {message['error']['code']}")

    def receive(self):
        text = self.socket.recv()
        if not text:
            raise ConnectionError("closed")
        frame = json.loads(text)
        # What follows a welcome in the same array waits for its turn.
        messages = frame if isinstance(frame, list) else [frame]
        if messages and messages[0]["ev"] == "welcome" and len(messages) > 1:
            self.backlog.extend(messages[1:])
            return messages[:1]
        return messages

    def take(self, message):
        event = message["ev"]
        if event == "goodbye":
            raise Farewell(message)
        if event == "resync":
            self.seq = message["seq"]
            return
        if event == "error":
            self.refuse(message)
            return
        if "seq" not in message:
            return
        seq = message["seq"]
        if message.get("client") == self.client and message.get("id") in self.sent_at:
            self.acknowledge(message["id"], seq)
        if seq <= self.seq:
            return
        if seq != self.seq + 1:
            self.problems.append(f"{self.name}: seq {seq} follows {self.seq}")
        self.seq = seq

    def acknowledge(self, action, seq):
        before = self.acknowledged.setdefault(action, seq)
        if before != seq:
            self.problems.append(f"{self.name}: {action} was acknowledged as {before} and as {seq}")
        if self.waiting.pop(action, None) is not None:
            self.delays.append(time.monotonic() - self.sent_at[action])

    def refuse(self, message):
        error = message["error"]
        self.refused[error["code"]] += 1
        action = message.get("id")
        if action not in self.waiting:
            return
        if error.get("retryable"):
            self.again.append((time.monotonic() + 0.25, action))
        else:
            self.problems.append(f"{self.name}: {action} was refused: {error}")
            del self.waiting[action]

    # -- the life of a player

    def act(self):
        action = f"a{len(self.sent_at)}"
        # Only the owner may count; what the others do is as easy to find again.
        if self.counts:
            message = {"op": "counter.add", "id": action, "data": {"counter": "score", "delta": 1}}
        elif self.random.random() < 0.5:
            message = {"op": "dice.roll", "id": action, "data": {"notation": "2d6", "to": "all", "reason": action}}
        else:
            message = {"op": "chat.say", "id": action, "data": {"text": f"{self.name} {action}"}}
        self.waiting[action] = message
        self.sent_at[action] = time.monotonic()
        self.socket.send(json.dumps(message))

    def repeat(self):
        now = time.monotonic()
        for _ in range(len(self.again)):
            at, action = self.again.popleft()
            if at > now:
                self.again.append((at, action))
            elif action in self.waiting:
                self.socket.send(json.dumps(self.waiting[action]))

    def play(self):
        """Until the connection ends, or until the player may leave and everything is acknowledged."""
        for message in self.waiting.values():
            self.socket.send(json.dumps(message))
        for message in self.backlog:
            self.take(message)
        self.backlog.clear()
        due = time.monotonic() + self.random.random() / self.rate
        while not (self.leaving.is_set() and not self.waiting):
            now = time.monotonic()
            if self.acting.is_set() and now >= due:
                if len(self.waiting) < UNACKNOWLEDGED_MAX:
                    self.act()
                due = max(due + 1 / self.rate, now)
            self.repeat()
            oldest = min((self.sent_at[action] for action in self.waiting), default=now)
            if now - oldest > ANSWER_DEADLINE:
                raise TimeoutError("an action was not answered")
            self.socket.settimeout(0.02 if self.acting.is_set() or self.again else 0.2)
            try:
                messages = self.receive()
            except websocket.WebSocketTimeoutException:
                continue
            for message in messages:
                self.take(message)

    def run(self):
        self.backlog, self.again = [], deque()
        pause = 0.0
        while True:
            try:
                time.sleep(pause)
                self.again.clear()
                self.backlog.clear()
                self.connect()
                if self.outages and self.outages[-1].back_at is None:
                    self.outages[-1].back_at = time.monotonic()
                self.ready.set()
                self.play()
                self.socket.close()
                return
            except TimeoutError as error:
                self.problems.append(f"{self.name}: {error}")
                return
            except Farewell as farewell:
                pause = farewell.pause
            except (OSError, ConnectionError, websocket.WebSocketException):
                pause = self.random.uniform(0.05, 0.25)
            if not self.outages or self.outages[-1].back_at is not None:
                self.outages.append(Outage(time.monotonic()))
            elif time.monotonic() - self.outages[-1].lost_at > ANSWER_DEADLINE:
                self.problems.append(f"{self.name}: could not come back")
                return


class Farewell(ConnectionError):
    def __init__(self, message):
        super().__init__(message.get("reason"))
        self.pause = message.get("retry_after_ms", 100) / 1000


@dataclass
class Verdict:
    actions: int = 0
    lost: int = 0
    doubled: int = 0
    problems: list = field(default_factory=list)

    def __str__(self):
        return f"{self.actions} acknowledged, {self.lost} lost, {self.doubled} doubled"


class Game:
    """Some tables full of players. `url` is the balancer's."""

    def __init__(self, url, tables=4, players=6, rate=5.0, seed=None):
        self.url = url
        self.seed = random.randrange(2**32) if seed is None else seed
        self.tables = {}  # id -> accounts
        self.players = []
        for table in range(tables):
            accounts = []
            for seat in range(players):
                name = f"t{table}p{seat}"
                answer = patiently("register", f"{url}/v1/players", {"name": name})
                accounts.append(Account(name, answer["player"]["id"], answer["token"]))
            made = patiently("make a table", f"{url}/v1/tables", {"name": f"table {table}", "system": "cards-52", "visibility": "public"},
                             token=accounts[0].token)
            self.tables[made["id"]] = accounts
            self.players += [Player(url, made["id"], account, rate, f"{self.seed} {account.name}", counts=account is accounts[0])
                             for account in accounts]

    def __enter__(self):
        for player in self.players:
            player.start()
        for player in self.players:
            if not player.ready.wait(30):
                raise TimeoutError(f"{player.name} does not get in: {player.problems}")
        for table, accounts in self.tables.items():
            owner = accounts[0]
            for seat, account in enumerate(accounts, start=1):
                once(self.url, table, account.token, {"op": "seat.take", "data": {"seat": f"s{seat}"}})
            once(self.url, table, owner.token, {"op": "counter.create", "data": {"counter": "score", "value": 0}})
        for player in self.players:
            player.acting.set()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for player in self.players:
            player.acting.clear()
            player.leaving.set()
        for player in self.players:
            player.join(ANSWER_DEADLINE + 10)
            if player.is_alive():
                player.problems.append(f"{player.name} does not end")

    def acknowledged(self):
        return sum(len(player.acknowledged) for player in self.players)

    def outages(self, since):
        """Those that began after `since`: how long each took, or None where it still goes on."""
        return [outage.seconds for player in self.players for outage in player.outages if outage.lost_at >= since]

    def judge(self, url=None):
        """What was acknowledged beside what is stored, as `url` tells it."""
        url = url or self.url
        verdict = Verdict(problems=[problem for player in self.players for problem in player.problems])
        for table, accounts in self.tables.items():
            events = history(url, table, accounts[0].token)
            if [event["seq"] for event in events] != list(range(1, len(events) + 1)):
                verdict.problems.append(f"the history of {table} has gaps")
            stored = {}
            for event in events:
                if "client" in event:
                    stored.setdefault((event["client"], event["id"]), []).append(event["seq"])
            verdict.doubled += sum(len(seqs) - 1 for seqs in stored.values())
            for player in self.players:
                if player.table != table:
                    continue
                verdict.actions += len(player.acknowledged)
                for action, seq in player.acknowledged.items():
                    if stored.get((player.client, action)) != [seq]:
                        verdict.lost += 1
            state = patiently("read", f"{url}/v1/tables/{table}", token=accounts[0].token)["state"]
            score = next(counter["value"] for counter in state["counters"] if counter["id"] == "score")
            additions = sum(1 for event in events if event["ev"] == "counter.changed") - 1
            if score != additions:
                verdict.problems.append(f"{table}: the score is {score} after {additions} additions")
        return verdict

    def hashes(self, url):
        """Of each table: a hash of its state in the eyes of all its players, who is online left aside."""
        return {table: state_hash(url, table, accounts) for table, accounts in self.tables.items()}


def state_hash(url, table, accounts):
    digest = hashlib.sha256()
    for account in accounts:
        view = patiently("read", f"{url}/v1/tables/{table}", token=account.token)
        for player in view["state"]["players"]:
            del player["online"]
        digest.update(json.dumps(view, sort_keys=True).encode())
    return digest.hexdigest()[:16]


def history(url, table, token):
    events, begin = [], 1
    while begin:
        page = patiently("history", f"{url}/v1/tables/{table}/history?from={begin}&limit=200", token=token)
        events += page["events"]
        begin = page["next"]
    return events


def once(url, table, token, message):
    """One action of a visitor, and its acknowledgement."""
    address = f"ws{url.removeprefix('http')}/v1/tables/{table}/ws"
    socket = websocket.create_connection(address, subprotocols=[SUBPROTOCOL], timeout=10)
    client = uuid.uuid4().hex
    socket.send(json.dumps({"op": "hello", "token": token, "client": client}))
    message = message | {"id": uuid.uuid4().hex}
    socket.send(json.dumps(message))
    while True:
        frame = json.loads(socket.recv())
        for seen in frame if isinstance(frame, list) else [frame]:
            if seen.get("id") == message["id"]:
                socket.close()
                if seen["ev"] == "error":
                    raise RuntimeError(seen["error"])
                return seen
