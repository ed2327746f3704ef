"""Take one guard out of the code, and a test fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.mutants import emulator, product
from tests.mutants.conftest import NOTICED
from tests.mutants.mutant import Mutant, mutated, run

pytestmark = pytest.mark.mutants

MUTANTS = (*product.MUTANTS, *emulator.MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_noticed(
    mutant: Mutant, tree: Path, record_property: Callable[[str, object], None]
) -> None:
    with mutated(tree, mutant):
        outcome = run(tree, mutant.tests)
    assert outcome.failed, f"nobody noticed\n{outcome.output}"
    number = len(outcome.failed)
    record_property(NOTICED, f"{number} test{'s' * (number > 1)}, such as {outcome.failed[0]}")


def test_each_mutant_has_a_name_of_its_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
