"""A copy of the tree to break, and the table of what became of each mutant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant, copied_tree, run

NOTICED = "noticed by"


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A copy of the tree, for this process alone, in which all tests that are to notice pass."""
    tree = copied_tree(tmp_path_factory.mktemp("mutants"))
    mutants = [_mutant_of(item) for item in request.session.items]
    tests = [test for mutant in mutants if mutant for test in mutant.tests]
    outcome = run(tree, tests)
    assert not outcome.failed, outcome.output
    assert not outcome.errors, outcome.output
    assert outcome.passed
    return tree


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print one line a mutant: how long it took, what was taken out, how many tests noticed."""
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if "::test_a_mutant_is_noticed[" in report.nodeid
    ]
    if not reports:
        return
    terminalreporter.section("mutants")
    for report in sorted(reports, key=lambda report: str(report.nodeid)):
        name = report.nodeid.partition("[")[2].rstrip("]")
        noticed = dict(report.user_properties).get(NOTICED, "NOBODY")
        terminalreporter.line(f"{report.duration:6.1f} s  {name:<64}  {noticed}")
    survivors = sum(report.failed for report in reports)
    terminalreporter.line(f"{len(reports)} mutants, {len(reports) - survivors} noticed")


def _mutant_of(item: pytest.Item) -> Mutant | None:
    found = getattr(item, "callspec", None)
    mutant = found.params.get("mutant") if found else None
    return mutant if isinstance(mutant, Mutant) else None
