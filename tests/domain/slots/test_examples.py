"""What modules show in their docstrings, and what the README says of them, is so."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from scheduler.domain.slots import conflicts, loops, masks, overdrawn, tallies


@pytest.mark.parametrize("module", [masks, loops, overdrawn, tallies, conflicts])
def test_the_worked_example_works(module: object) -> None:
    outcome = doctest.testmod(module)  # type: ignore[arg-type]
    assert outcome.attempted
    assert not outcome.failed


def test_the_readme_names_every_module() -> None:
    folder = Path(masks.__file__).parent
    named = {name for row in table_rows(folder) for name in re.findall(r"`(\w+)`", row)}
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert named == modules


def table_rows(folder: Path) -> list[str]:
    """Return the first cell of each row of the README's table."""
    text = (folder / "README.md").read_text()
    return [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
