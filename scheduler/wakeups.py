"""Asks a worker to look at something, inside the caller's transaction.

A wake-up says what to look at and nothing else. What has to be done follows from the rows, so a
lost, late or doubled wake-up does no harm.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import Connection

# Never opened: it only writes jobs on connections that it is given. The worker's own app cannot,
# because once a worker has opened it, it takes asynchronous connections only.
_enqueuer = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())

RECONCILE_BOOKING = "reconcile_booking"
SEND_MAIL = "send_mail"
CHECK_CONNECTION = "check_connection"
QUEUE = "greenroom"


def reconcile_soon(
    connection: Connection, booking_id: int, *, revision: int, after: timedelta = timedelta(0)
) -> None:
    """Wake a worker for this booking once the transaction commits, or never if it does not."""
    # With the revision in the key, a wake-up that waits does not swallow one for a newer change.
    _defer(
        connection,
        RECONCILE_BOOKING,
        f"booking:{booking_id}:{revision}",
        after=after,
        booking_id=booking_id,
    )


def send_mail_soon(connection: Connection, mail_id: int) -> None:
    """Wake a worker to send this mail once the transaction commits."""
    _defer(connection, SEND_MAIL, f"mail:{mail_id}", mail_id=mail_id)


def check_connection_soon(connection: Connection) -> None:
    """Wake a worker to look at what the scheduling account may do."""
    _defer(connection, CHECK_CONNECTION, "connection")


def _defer(
    connection: Connection,
    task_name: str,
    queueing_lock: str,
    *,
    after: timedelta = timedelta(0),
    **arguments: int,
) -> None:
    # A refused duplicate would abort the caller's transaction; the savepoint keeps it alive.
    # The raw connection is asked for inside, since SQLAlchemy sends SAVEPOINT at first use.
    with suppress(AlreadyEnqueued), connection.begin_nested():
        # By name: those who ask for the work need not import those who do it.
        _enqueuer.configure_task(
            task_name,
            queue=QUEUE,
            queueing_lock=queueing_lock,
            schedule_in={"seconds": after.total_seconds()} if after else None,
            # No `lock=`: a delayed job with the same lock would hold back every later one.
            connection=connection.connection.driver_connection,
        ).defer(**arguments)
