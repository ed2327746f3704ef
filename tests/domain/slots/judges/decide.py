"""Has CP-SAT decide the searches of `test_optimum.py`, and keeps what it said.

    python -m tests.domain.slots.judges.decide

Deciding takes minutes, so the tests read the answers. Each stands under a digest of its search: a
search that has changed since has no answer, and its test fails until this is run again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from scheduler.domain.plan import Rest
from scheduler.domain.slots.question import SlotSearch
from tests.domain.slots.judges.company import Company
from tests.domain.slots.judges.optimum import optimum

ANSWERS = Path(__file__).with_name("answers.json")
INTERVIEWS = (1, 2, 3, 4, 5)
SEEDS = range(6)
WORKERS = 2
SECONDS = 60.0


def searches() -> dict[str, SlotSearch]:
    """Return the searches to decide, by name: loops of one day, and of up to two or three short days."""
    company = _company()
    found = {}
    for interviews in INTERVIEWS:
        for seed in SEEDS:
            found[f"one day, {interviews} interviews, seed {seed}"] = company.search(
                seed, interviews, offers_days=8
            )
    for interviews in (3, 4):
        for seed in SEEDS:
            search = company.search(seed, interviews, offers_days=5)
            plan = replace(
                search.plan,
                most_days=2,
                longest_day=timedelta(minutes=180),
                rest=Rest(after=timedelta(minutes=100), length=timedelta(minutes=15)),
            )
            found[f"two days, {interviews} interviews, seed {seed}"] = replace(search, plan=plan)
    for seed in SEEDS:
        search = company.search(seed, 3, offers_days=4)
        plan = replace(
            search.plan,
            most_days=3,
            longest_day=timedelta(minutes=75),
            lunch=None,
        )
        found[f"three days, 3 interviews, seed {seed}"] = replace(search, plan=plan)
    return found


def digest(search: SlotSearch) -> str:
    """Return what changes whenever the search does."""
    return hashlib.sha256(_text(search).encode()).hexdigest()[:16]


def answers() -> dict[str, dict[str, str | int | None]]:
    """Return what was kept: by name the digest of the search, and its least cost."""
    kept: dict[str, dict[str, str | int | None]] = json.loads(ANSWERS.read_text())
    return kept


@cache
def _company() -> Company:
    return Company()


def _text(value: object) -> str:
    """Return a value in words that are the same in every process: sets in order.

    What is left at its default is left out, so that a new field changes nothing until it is used.
    """
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(map(_text, value)))}}}"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_text(value[key])}' for key in sorted(value))}}}"
    if isinstance(value, tuple):
        return f"({', '.join(map(_text, value))})"
    if hasattr(value, "__dataclass_fields__"):
        given = [
            f"{each.name}={_text(getattr(value, each.name))}"
            for each in value.__dataclass_fields__.values()
            if getattr(value, each.name) != each.default
        ]
        return f"{type(value).__name__}({', '.join(given)})"
    return repr(value)


def main() -> None:
    """Decide every search and write the answers; what CP-SAT cannot decide in time is left out."""
    kept: dict[str, dict[str, str | int | None]] = {}
    for name, search in searches().items():
        decision = optimum(search, seconds=SECONDS, workers=WORKERS)
        print(name, decision, flush=True)  # noqa: T201
        if decision.is_decided:
            kept[name] = {"search": digest(search), "cost": decision.cost}
    ANSWERS.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
