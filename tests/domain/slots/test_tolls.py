from __future__ import annotations

from collections import Counter
from itertools import product
from random import Random

from scheduler.domain.people import InterviewerId
from scheduler.domain.slots.seating import Option
from scheduler.domain.slots.tolls import least_and_tolls

TRIALS = range(300)


def test_tolls_show_what_it_costs_when_nobody_sits_more_often_than_they_can() -> None:
    """Each row takes what is cheapest with tolls: less all tolls, that comes to the least cost."""
    filled = charged = 0
    for seed in TRIALS:
        rows, many = _rows_and_counts(Random(seed))  # noqa: S311
        found = least_and_tolls(rows, many.__getitem__)
        assert (found[0] if found else None) == _least(rows, many), seed
        if found:
            least, tolls = found
            hopeful = (
                min(
                    cost + (tolls.by_person.get(person, 0) if person else 0) for cost, person in row
                )
                for row in rows
            )
            assert sum(hopeful) - tolls.total == least, seed
            filled += 1
            charged += tolls.total > 0
    assert filled > 200
    assert charged > 50


def _rows_and_counts(dice: Random) -> tuple[list[list[Option]], Counter[InterviewerId]]:
    people = [InterviewerId(number) for number in range(1, 4)]
    rows = []
    for _ in range(dice.randint(1, 5)):
        options: list[Option] = [
            (dice.randint(0, 6), person) for person in dice.sample(people, dice.randint(1, 3))
        ]
        if dice.random() < 0.2:
            options.append((dice.randint(0, 6), None))
        rows.append(sorted(options, key=lambda option: option[0]))
    return rows, Counter({person: dice.choice([1, 1, 2, 3]) for person in people})


def _least(rows: list[list[Option]], many: Counter[InterviewerId]) -> int | None:
    return min(
        (
            sum(cost for cost, _ in filling)
            for filling in product(*rows)
            if Counter(person for _, person in filling if person) <= many
        ),
        default=None,
    )
