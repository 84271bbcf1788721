#!/usr/bin/env python3
"""Holds the includes to the arrows between the modules.

usage: scripts/check_layers.py [--self-test]

  - an #include of another module must be in the module's line of MAY_INCLUDE below
  - another module's private headers (src/<module>/) are included by nobody but `app`
  - public headers (include/) name no library that is to stay in one module, and no private header
  - nobody includes `app`

Prints one line per violation and exits with 1 if there is any. --self-test plants one of each kind in a temporary tree
and exits with 0 if each is found.
"""

import pathlib
import re
import sys
import tempfile

# The table of docs/architecture.md. "host/ports" means: only host/ports.hpp and the headers in the folder of that name.
MAY_INCLUDE = {
    "base": [],
    "log": ["base"],
    "knobs": ["base"],
    "config": ["base"],
    "metrics": ["knobs", "base"],
    "runtime": ["metrics", "log", "base"],
    "table": ["base"],
    "codec": ["table", "base"],
    "protocol": ["table", "base"],
    "ws": ["base"],
    "lobby": ["table", "log", "metrics", "base"],
    "host": ["table", "codec", "protocol", "runtime", "knobs", "metrics", "log", "base"],
    "gateway": ["host", "lobby", "protocol", "ws", "runtime", "config", "knobs", "metrics", "log", "base"],
    "redis": ["runtime", "knobs", "metrics", "log", "base"],
    "cache": ["redis", "runtime", "knobs", "metrics", "log", "base"],
    "storage": ["host/ports", "lobby/ports", "tuner/ports", "cache", "codec", "runtime", "knobs", "metrics", "log", "base"],
    "relay": ["host/ports", "redis", "codec", "runtime", "knobs", "metrics", "log", "base"],
    "tuner": ["runtime", "knobs", "metrics", "log", "base"],
    "load": ["protocol", "ws", "runtime", "metrics", "base"],
}
ALL = [*MAY_INCLUDE, "app"]

PRIVATE_LIBRARIES = re.compile(r"boost/beast\b|pqxx\b|libpq|hiredis\b|prometheus/|spdlog/|nlohmann/")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def allowed(module, path):
    """Whether `module` may include the header `path`, given as "<module>/rest"."""
    target = path.split("/")[0]
    if module == "app" or target == module:
        return target != "app" or module == "app"
    return any(path == grant + ".hpp" or path.startswith(grant + "/") for grant in MAY_INCLUDE[module])


def violations(root):
    for folder in ("include/tableforge", "src"):
        for file in sorted((root / folder).rglob("*.[hc]pp")):
            module = file.relative_to(root / folder).parts[0]
            where = file.relative_to(root)
            if module not in ALL:
                yield f"{where}: there is no module '{module}'"
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                if match:
                    fault = judge(module, folder, match[1] + match[2], match[2])
                    if fault:
                        yield f"{where}:{number}: {fault}"


def judge(module, folder, quoted, path):
    public = path.startswith("tableforge/")
    target = path.removeprefix("tableforge/")
    if folder == "include/tableforge" and PRIVATE_LIBRARIES.match(path):
        return f"<{path}> belongs into src/, not into a public header"
    first = target.split("/")[0]
    if quoted[0] == '"' and not public and first not in ALL:
        return f'"{path}" does not begin with its module'
    if not public and (quoted[0] == "<" or first not in ALL):
        return None
    if first not in ALL:
        return f"there is no module '{first}'"
    if not allowed(module, target):
        return f"{module} may not include {path}"
    if not public and folder == "include/tableforge":
        return f"a public header includes the private {path}"
    if not public and module not in (first, "app"):
        return f"{path} is private to {first}"
    return None


def self_test():
    planted = {
        "src/table/a.cpp": '#include "tableforge/protocol/frame.hpp"',
        "src/storage/b.cpp": '#include "tableforge/host/table_host.hpp"',
        "src/relay/c.cpp": '#include "tableforge/lobby/ports/players.hpp"',
        "src/gateway/d.cpp": '#include "host/outbox.hpp"',
        "src/host/e.cpp": '#include "tableforge/app/main.hpp"',
        "src/ws/f.cpp": '#include "frame.hpp"',
        "src/util/g.cpp": "",
        "include/tableforge/storage/h.hpp": "#include <pqxx/pqxx>",
        "include/tableforge/gateway/i.hpp": "# include <boost/beast/core.hpp>",
        "include/tableforge/redis/j.hpp": '#include "redis/connection.hpp"',
    }
    clean = {
        "src/storage/k.cpp": '#include "tableforge/host/ports/journal.hpp"\n#include "tableforge/lobby/ports.hpp"\n#include "storage/x.hpp"\n#include <pqxx/pqxx>',
        "src/app/l.cpp": '#include "tableforge/tuner/tuner.hpp"\n#include "gateway/listener.hpp"',
        "include/tableforge/host/m.hpp": '#include "tableforge/base/ids.hpp"\n#include <vector>\n#include <boost/asio/io_context.hpp>',
    }
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for path, text in {**planted, **clean}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text + "\n", encoding="utf-8")
        found = list(violations(root))
    accused = {line.split(":")[0] for line in found}
    for path in sorted(planted.keys() - accused):
        print(f"check_layers: self-test: the violation in {path} was not found", file=sys.stderr)
    for path in sorted(clean.keys() & accused):
        print(f"check_layers: self-test: {path} is clean, but was accused", file=sys.stderr)
    return 0 if accused == planted.keys() else 1


def main(arguments):
    if arguments in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if arguments == ["--self-test"]:
        return self_test()
    if arguments:
        print(f"check_layers: unknown arguments {arguments}; see --help", file=sys.stderr)
        return 2
    found = list(violations(pathlib.Path(__file__).resolve().parent.parent))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
