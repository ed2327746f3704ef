"""Wake-ups that meet: a door that is shut, and jobs that a dead worker left behind."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from scheduler.models.base import db
from scheduler.reconcile.worker import jobs_of
from tests import factories
from tests.cast import at
from tests.world import Greenroom, run_apart


def jobs(status: str) -> list[str]:
    rows = db.session.execute(
        text("SELECT queueing_lock FROM procrastinate_jobs WHERE status::text = :status"),
        {"status": status},
    )
    return sorted(row.queueing_lock for row in rows)


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_one_that_finds_the_door_shut_leaves_one_for_later(
    greenroom: Greenroom, is_asked_for: bool
) -> None:
    # procrastinate's own retry fails where a job of the same name waits, and leaves the one that
    # ran in "doing" for ever.
    booking_id = greenroom.book(factories.application(), at("Mon 10:00"))
    if not is_asked_for:
        db.session.execute(text("DELETE FROM procrastinate_jobs"))
        db.session.commit()
    with db.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(7, :id)"), {"id": booking_id})

        jobs_of(greenroom.app).tasks["reconcile_booking"](booking_id=booking_id)

        other.execute(text("SELECT pg_advisory_unlock_all()"))
    assert [each for each in jobs("todo") if each.startswith("booking")] == [
        f"booking:{booking_id}:1"
    ]


def test_of_a_dead_worker_come_back_even_where_one_was_asked_for_anew(
    greenroom: Greenroom,
) -> None:
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    for status, lock in (("doing", "mail:1"), ("todo", "mail:1"), ("doing", "mail:2")):
        db.session.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status, queueing_lock)"
                " VALUES ('greenroom', 'send_mail', CAST(:status AS procrastinate_job_status), :lock)"
            ),
            {"status": status, "lock": lock},
        )
    db.session.commit()
    work = jobs_of(greenroom.app)

    async def unstall() -> None:
        async with work.open_async():
            await work.tasks["unstall"](timestamp=0)

    run_apart(unstall())

    assert jobs("todo") == ["mail:1", "mail:2"]
    assert jobs("doing") == []
