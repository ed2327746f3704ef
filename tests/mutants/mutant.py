"""A guard taken out of the code, and the trial that some test notices.

A mutant is an exact edit of one file. It is made in a copy of the tree, never in the tree itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("app.py", "pyproject.toml", "scheduler", "migrations", "templates", "tests")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules")
LONGEST_SECONDS = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """`text`, which stands exactly once in `file`, becomes `instead`; then one of `tests` must fail."""

    name: str
    file: str
    text: str
    instead: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of tests came to. An error is trouble before or after a test, not a failed one."""

    passed: tuple[str, ...]
    failed: tuple[str, ...]
    errors: tuple[str, ...]
    output: str


class NotThere(AssertionError):
    """The source has moved on: the edit of a mutant does not fit it any more."""


def copied_tree(place: Path) -> Path:
    """Copy what the tests need into a new folder."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, place / name, ignore=LEFT_OUT)
        else:
            shutil.copy(source, place / name)
    return place


@contextmanager
def mutated(tree: Path, mutant: Mutant) -> Iterator[None]:
    """Make the edit in `tree`, and take it back afterwards. Raises NotThere."""
    path = tree / mutant.file
    before = path.read_text()
    found = before.count(mutant.text)
    if found != 1:
        raise NotThere(f"{mutant.file} has {found} times, not once:\n{mutant.text}")
    path.write_text(before.replace(mutant.text, mutant.instead))
    try:
        yield
    finally:
        path.write_text(before)


def run(tree: Path, tests: Iterable[str]) -> Outcome:
    """Run tests of `tree` in a process of their own."""
    report = tree / "report.xml"
    report.unlink(missing_ok=True)
    # No compiled files: an edit and its taking back may fall into one second.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]
    ended = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist",
            "--hypothesis-profile=ci", f"--junitxml={report}", *sorted(set(tests)),
        ],
        cwd=tree, env=environment, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False,
    )  # fmt: skip
    output = ended.stdout[-4000:] + ended.stderr[-2000:]
    assert report.exists(), output
    return _outcome(report, output)


def _outcome(report: Path, output: str) -> Outcome:
    passed, failed, errors = [], [], []
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - pytest has just written it
        name = case.get("name", "")
        if case.find("error") is not None:
            errors.append(name)
        elif case.find("failure") is not None:
            failed.append(name)
        elif case.find("skipped") is None:
            passed.append(name)
    return Outcome(tuple(passed), tuple(failed), tuple(errors), output)
