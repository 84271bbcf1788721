#!/usr/bin/python3
"""Runs parts of the deployment's test against a stack of its own. scripts/deploy-test prepares everything and calls this."""

import argparse
import shutil
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import faults_test  # noqa: E402
import release_test  # noqa: E402
import watching_test  # noqa: E402
from stack import Stack  # noqa: E402

PARTS = {
    "game": faults_test.first_game,
    "kill": faults_test.kill_one,
    "redis": faults_test.redis_away,
    "split": faults_test.split_tables,
    "postgres": faults_test.postgres_restarted,
    "rolling": release_test.rolling_restart,
    "upgrade": release_test.upgrade_and_back,
    "broken": release_test.broken_version,
    "migration": release_test.migration,
    "scale": release_test.scale,
    "dry-run": release_test.dry_run,
    "backup": release_test.backup_and_restore,
    "validate": watching_test.validate,
    "panels": watching_test.panels,
    "instances": watching_test.alert_instances,
    "front": watching_test.alert_front,
    "redis-away": watching_test.alert_redis,
    "postgres-away": watching_test.alert_postgres,
    "latency": watching_test.alert_latency,
    "transaction": watching_test.alert_transaction,
    "memory": watching_test.alert_memory,
    "cache": watching_test.alert_cache,
    "slow": watching_test.alert_slow_clients,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"what to test, in this order (all): {' '.join(PARTS)}")
    parser.add_argument("--directory", default="/var/tmp/tableforge-engine/stack", help="where secrets and settings of the test are kept")
    parser.add_argument("--version", default="1", help="the tag of the server's image")
    parser.add_argument("--keep", action="store_true", help="leave the stack running")
    parser.add_argument("--list", action="store_true", help="print what the parts do")
    options = parser.parse_args()
    if options.list:
        for name, part in PARTS.items():
            print(f"  {name:<14}{part.__doc__.strip().splitlines()[0]}")
        return 0
    parts = options.parts or list(PARTS)
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]}")

    stack = Stack(options.directory, version=options.version)
    failed = []
    begin = time.monotonic()
    try:
        stack.down()
        # Nothing is deployed yet, whatever an earlier run left.
        shutil.rmtree(stack.directory / ".state", ignore_errors=True)
        stack.up()
        print(f"deploy-test: three instances are healthy after {time.monotonic() - begin:.0f} s", flush=True)
        for part in parts:
            since = time.monotonic()
            print(f"{part}: {PARTS[part].__doc__.strip().splitlines()[0]}", flush=True)
            try:
                PARTS[part](stack)
                print(f"{part}: passed ({time.monotonic() - since:.0f} s)", flush=True)
            except Exception as error:  # noqa: BLE001  the next part may still pass
                failed.append(part)
                print(f"{part}: FAILED ({time.monotonic() - since:.0f} s): {error}", flush=True)
                logs = Path(options.directory) / f"{part}.log"
                logs.write_text(stack.compose("logs", "--no-color", "--timestamps", check=False))
                print(f"{part}: the containers' logs are in {logs}", flush=True)
                stack.up()
    finally:
        if not options.keep:
            stack.down()
    print(f"deploy-test: {len(parts) - len(failed)} of {len(parts)} parts passed in {time.monotonic() - begin:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
