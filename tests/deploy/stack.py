"""A deployment by deploy/compose.yaml, as tests see it. Runs where published ports are reached (tests/deploy/engine exec)."""

import json
import os
import secrets
import subprocess
import time
import urllib.parse
from pathlib import Path

from players import call

ROOT = Path(__file__).resolve().parents[2]
SECRETS = ("database_password", "reader_password", "redis_password", "token_secret", "admin_token", "grafana_password")


def run(*command, check=True, timeout=300, **options):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout,
                          **options)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}")
    return done.stdout


def wait_until(what, seconds, condition, step=0.2):
    """Waits for a true answer and returns how long that took, or fails when the time is up. Errors count as not yet."""
    begin = time.monotonic()
    last = None
    while time.monotonic() - begin < seconds:
        try:
            if condition():
                return time.monotonic() - begin
        except Exception as error:  # noqa: BLE001  whatever it is, it may pass
            last = error
        time.sleep(step)
    raise TimeoutError(f"not within {seconds} s: {what}" + (f" ({last})" if last else ""))


class Stack:
    """Owns nothing but names: up() and down() make and remove the containers and volumes."""

    def __init__(self, directory, project="tfdeploy", version="1", replicas=3):
        self.directory = Path(directory)
        self.project = project
        self.env_file = self.directory / "env"
        self.url = "http://127.0.0.1:8080"
        self.secret_directory = self.directory / "secrets"
        self.secret_directory.mkdir(parents=True, exist_ok=True)
        self.secret_directory.chmod(0o700)
        for name in SECRETS:
            file = self.secret_directory / name
            if not file.exists():
                file.write_text(secrets.token_hex(24) + "\n")
        (self.secret_directory / "old_token_secret").touch()
        self.settings = {
            "COMPOSE_PROJECT_NAME": project,
            "COMPOSE_PROFILES": "",
            "TABLEFORGE_VERSION": version,
            "TABLEFORGE_REPLICAS": str(replicas),
            "TABLEFORGE_SECRETS": str(self.secret_directory),
            # A container may not raise what this machine allows.
            "TABLEFORGE_OPEN_FILES": "8192",
            "HAPROXY_OPEN_FILES": "16384",
            "HAPROXY_CONNECTIONS_MAX": "4000",
        }
        self.write()

    def set(self, **settings):
        self.settings |= settings
        self.write()

    def write(self):
        self.env_file.write_text("".join(f"{name}={value}\n" for name, value in self.settings.items()))

    def compose(self, *arguments, **options):
        return run("docker", "compose", "--env-file", self.env_file, "-f", ROOT / "deploy/compose.yaml", *arguments, **options)

    def up(self, *services):
        return self.compose("up", "--detach", "--wait", "--wait-timeout", "180", "--no-build", "--pull", "never", *services)

    def down(self):
        self.compose("down", "--volumes", "--remove-orphans", "--timeout", "30")

    def containers(self, service, everyone=False):
        listed = run("docker", "ps", "--quiet", *(["--all"] if everyone else []), "--filter", f"label=com.docker.compose.project={self.project}",
                     "--filter", f"label=com.docker.compose.service={service}")
        return sorted(listed.split())

    def address(self, container):
        networks = json.loads(run("docker", "inspect", container, "--format", "{{json .NetworkSettings.Networks}}"))
        return next(network["IPAddress"] for name, network in networks.items() if name.endswith("_inner"))

    def instances(self):
        """URL of each instance that runs, without the balancer, by container."""
        return {container: f"http://{self.address(container)}:8080" for container in self.containers("server")}

    def admin(self, container):
        return f"http://{self.address(container)}:9090"

    def prometheus(self, query):
        answer = call("http://127.0.0.1:9091/api/v1/query?" + urllib.parse.urlencode({"query": query}))
        return answer["data"]["result"]

    def alerts(self):
        """Names of the alerts that fire now, by Prometheus."""
        found = call("http://127.0.0.1:9091/api/v1/alerts")["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in found if alert["state"] == "firing"}

    def psql(self, statement, container=None):
        container = container or self.containers("postgres")[0]
        return run("docker", "exec", container, "psql", "-X", "-A", "-t", "-h", "/run/postgresql", "-U", "postgres", "-d", "tableforge", "-c",
                   statement).strip()


