"""Runs the fidelity suite and counts each client's checks: `python -m tests.fidelity [--list] [--count]`.

A check is a test named by a sentence of Google's; it has more than one case where it is made of a table. With
`--list` every sentence is shown; with `--count` nothing is run, and the numbers of checks come as JSON.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest

_WHERE = ("-p", "no:cacheprovider", str(Path(__file__).parent))


class Report:
    """Counts checks and their outcome."""

    def __init__(self) -> None:
        self._checks: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self._client_of: dict[str, str] = {}
        self._passed: Counter[str] = Counter()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            sentences = [mark.args for mark in item.iter_markers("fidelity")]
            if sentences:
                client = client_of(item)
                self._client_of[item.nodeid] = client
                name = (
                    item.nodeid if client.startswith("by hand") else item.nodeid.partition("[")[0]
                )
                self._checks.setdefault(client, {})[name] = sentences

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed and report.nodeid in self._client_of:
            self._passed[self._client_of[report.nodeid]] += 1

    def counts(self) -> dict[str, int]:
        """Return the number of checks of each client."""
        return {client: len(checks) for client, checks in sorted(self._checks.items())}

    def lines(self, *, with_sentences: bool) -> list[str]:
        cases = Counter(self._client_of.values())
        found = [f"{'client':<32}{'checks':>8}{'cases':>8}{'passed':>8}"]
        for client, number in self.counts().items():
            found.append(f"{client:<32}{number:>8}{cases[client]:>8}{self._passed[client]:>8}")
            if with_sentences:
                checks = self._checks[client]
                found += [line for name, said in checks.items() for line in _in_words(name, said)]
        sums = (sum(self.counts().values()), cases.total(), self._passed.total())
        return [*found, f"{'all':<32}" + "".join(f"{each:>8}" for each in sums)]


def client_of(item: pytest.Item) -> str:
    """Return whose check this is: the parameter of a shared one, else what its module says."""
    callspec = getattr(item, "callspec", None)
    shared = callspec.params.get("official") if callspec else None
    module = getattr(item, "module", None)
    return str(shared or getattr(module, "CLIENT", "?"))


def _in_words(name: str, sentences: list[tuple[str, str]]) -> list[str]:
    said = [f"        {source}: {sentence}" for source, sentence in sentences]
    return [f"    {name.rpartition('::')[2]}", *said]


def main(arguments: list[str]) -> int:
    report = Report()
    if "--count" in arguments:
        status = pytest.main(["--collect-only", "-qq", *_WHERE], plugins=[report])
        sys.stdout.write(json.dumps(report.counts()) + "\n")
        return int(status)
    status = pytest.main(["-q", *_WHERE], plugins=[report])
    sys.stdout.write("\n".join(report.lines(with_sentences="--list" in arguments)) + "\n")
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
