"""Runs the fidelity suite and says how many checks each client has: `python -m tests.fidelity [--list]`."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


class Report:
    """Counts checks and their outcome; a check is a test with a sentence of Google's."""

    def __init__(self) -> None:
        self.sentences: dict[str, list[tuple[str, str, str]]] = {}
        self.passed: Counter[str] = Counter()
        self._client_of: dict[str, str] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            marks = list(item.iter_markers("fidelity"))
            if not marks:
                continue
            client = client_of(item)
            self._client_of[item.nodeid] = client
            self.sentences.setdefault(client, []).extend((item.name, *mark.args) for mark in marks)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed and report.nodeid in self._client_of:
            self.passed[self._client_of[report.nodeid]] += 1

    def lines(self, *, with_sentences: bool) -> list[str]:
        checks = Counter(self._client_of.values())
        found = [f"{'client':<32}{'checks':>8}{'passed':>8}"]
        for client in sorted(checks):
            found.append(f"{client:<32}{checks[client]:>8}{self.passed[client]:>8}")
            if with_sentences:
                found += [
                    f"    {name}\n        {source}: {sentence}"
                    for name, source, sentence in self.sentences[client]
                ]
        total = f"{'all':<32}{sum(checks.values()):>8}{sum(self.passed.values()):>8}"
        return [*found, total]


def client_of(item: pytest.Item) -> str:
    """Return whose check this is: the parameter of a shared one, else what its module says."""
    callspec = getattr(item, "callspec", None)
    shared = callspec.params.get("official") if callspec else None
    module = getattr(item, "module", None)
    return str(shared or getattr(module, "CLIENT", "?"))


def main(arguments: list[str]) -> int:
    report = Report()
    status = pytest.main(["-q", "-p", "no:cacheprovider", str(FOLDER)], plugins=[report])
    sys.stdout.write("\n".join(report.lines(with_sentences="--list" in arguments)) + "\n")
    return int(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
