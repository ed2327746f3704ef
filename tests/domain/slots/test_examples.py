"""What modules show in their docstrings is so."""

from __future__ import annotations

import doctest

import pytest

from scheduler.domain.slots import loops, masks, overdrawn, tallies


@pytest.mark.parametrize("module", [masks, loops, overdrawn, tallies])
def test_the_worked_example_works(module: object) -> None:
    outcome = doctest.testmod(module)  # type: ignore[arg-type]
    assert outcome.attempted
    assert not outcome.failed
