"""The servers that are compared: TableForge, and what tests/performance/peers has."""

import os

from .programs import Program

PEERS = ("ws", "socket.io", "colyseus", "nats")
_PEER_PROGRAMS = {
    "ws": ["node", "ws.mjs"],
    "socket.io": ["node", "socketio.mjs"],
    "colyseus": ["node", "colyseus.mjs"],
    "nats": ["./nats"],
}
# A connection of the generator stands for as many people as it takes to fill the server: none of them is throttled.
KNOBS = ("session_presence_per_second=1000", "session_actions_per_second=10000", "session_actions_burst=10000")


def tableforge(binary, directory, cluster, *, cores, io_threads):
    directory.mkdir(parents=True, exist_ok=True)
    command = [binary, "serve", "--port", "0", "--admin-port", "0", "--run-dir", directory]
    command += ["--database-url", cluster.database_url, "--redis-url", cluster.redis_url]
    command += ["--io-threads", str(io_threads), "--log-level", "warn"]
    command += [part for knob in KNOBS for part in ("--knob", knob)]
    server = Program(
        "tableforge",
        command,
        cores=cores,
        listens=r"serves http://127\.0\.0\.1:(\d+)",
        log=directory / "server.log",
        env=_environment(),
    )
    server.dialect = "tableforge"
    return server


def peer(name, root, directory, *, cores):
    server = Program(
        name,
        [*_PEER_PROGRAMS[name], "--port", "0"],
        cores=cores,
        listens=r"(?:listens on |websocket clients on ws://)127\.0\.0\.1:(\d+)",
        log=directory / f"{name}.log",
        env=_environment(),
        cwd=root / "tests" / "performance" / "peers",
    )
    server.dialect = name
    return server


def _environment():
    """Of this script, without what would configure a server behind its back."""
    ours = ("TABLEFORGE_", "NODE_OPTIONS", "NODE_DEBUG", "DEBUG", "GOMAXPROCS", "GOGC", "MALLOC_CONF", "UV_THREADPOOL")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}
