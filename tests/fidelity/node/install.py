"""Installs the Node clients beside this file, from their lock: `python -m tests.fidelity.node.install`.

With `--has-node` it only says whether there is a Node: the machine's own, or the one of the wheel that the
build of the pages falls back on.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scheduler.assets import build_assets


def main(arguments: list[str]) -> int:
    """Return npm's exit status, and 1 when there is no Node."""
    try:
        _, npm = build_assets.find_node()
    except build_assets.NoNode as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 1
    if "--has-node" in arguments:
        return 0
    # The scripts of a package are how a bad one would get in, and none of these needs its own.
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    return subprocess.run(command, cwd=Path(__file__).parent, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
