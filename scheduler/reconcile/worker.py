"""The worker: what it does when woken, and `RECURRING`, the one list of what happens by itself."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial, wraps
from typing import Any

import procrastinate
from flask import Flask
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status
from sqlalchemy.engine import make_url

from scheduler import wakeups
from scheduler.clock import utc_now
from scheduler.commands import calendars, mails, probes, settling, sweeping
from scheduler.commands.mails import Sender
from scheduler.config import Settings
from scheduler.google.errors import GoogleError
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from scheduler.queries.google_access import GoogleAccess
from scheduler.reconcile import connection, outbox, sync
from scheduler.reconcile.reconciler import Busy, World, reconcile

log = logging.getLogger(__name__)

CONCURRENCY = 8
HEARTBEAT = timedelta(seconds=5)
STALLED_AFTER = timedelta(seconds=20)  # must exceed the heartbeat
MOST_STARTS = 5  # a job that killed its worker this often is poison
POLL_EVERY = timedelta(seconds=2)  # should a notification get lost
STOP_WITHIN = timedelta(seconds=10)
AFTER_A_BUG = timedelta(minutes=5)
OUR_MISTAKE = "Greenroom made a mistake here; its log says more."


@dataclass(frozen=True, slots=True)
class Recurring:
    """Something that happens by itself. `cron` has a sixth field: seconds."""

    name: str
    cron: str
    work: Callable[[World, GoogleAccess], object]


def _refresh_calendars(world: World, access: GoogleAccess) -> object:
    try:
        return calendars.refresh_everybody(access=access, now=world.clock())
    except GoogleError as error:
        log.warning("calendars not read", extra={"failure": type(error).__name__})
        return None


def _probe_stages(world: World, access: GoogleAccess) -> object:
    if _refresh_calendars(world, access) is None:
        return None  # what was found last night is better than what nobody knows
    found = probes.probe_every_stage(world.clock())
    log.info("stages probed", extra={"stages": found.stages, "impossible": found.impossible})
    return found


RECURRING = (
    Recurring("wake bookings that are behind", "* * * * * */5",
              lambda world, _: sweeping.wake_the_behind(world.clock())),
    Recurring("wake mails that wait", "* * * * * */5",
              lambda world, _: sweeping.wake_waiting_mails(world.clock())),
    Recurring("wake bookings whose events have changed", "* * * * * */15",
              lambda world, _: sync.wake_the_changed(world)),
    Recurring("read the calendars of everybody in a pool", "*/2 * * * * 30", _refresh_calendars),
    Recurring("look whether every stage can still be booked", "30 2 * * * 50", _probe_stages),
    Recurring("look at open bookings for drift", "*/10 * * * * 15",
              lambda world, _: sweeping.wake_the_open(world.clock())),
    Recurring("remove events that nobody claims", "5-59/10 * * * * 45",
              lambda world, _: sync.remove_strays(world)),
    Recurring("look at the scheduling account's connection", "7-59/15 * * * * 20",
              lambda world, _: connection.check(world)),
)  # fmt: skip


def world_of(app: Flask) -> World:
    """Return what the reconciler of `app` reaches outside the database through."""
    settings: Settings = app.extensions["settings"]
    access: GoogleAccess = app.extensions["google"]
    return World(
        calendar=access.calendar,
        sender=Sender.of(settings, app.extensions["keys"]),
        clock=utc_now,
        sleep=time.sleep,
    )


def run(app: Flask) -> None:
    """Work until SIGTERM or SIGINT."""
    asyncio.run(_work(jobs_of(app)))


def jobs_of(app: Flask) -> procrastinate.App:
    """Return procrastinate's app with all our tasks."""
    settings: Settings = app.extensions["settings"]
    url = make_url(settings.database_url).set(drivername="postgresql")
    jobs = procrastinate.App(
        connector=procrastinate.PsycopgConnector(
            conninfo=url.render_as_string(hide_password=False), min_size=2, max_size=CONCURRENCY + 2
        )
    )
    world, access = world_of(app), app.extensions["google"]

    @_task(jobs, app, wakeups.RECONCILE_BOOKING)
    def reconcile_booking(booking_id: int) -> None:
        try:
            reconcile(booking_id, world)
        except Busy:
            _come_again(booking_id)
        except Exception:
            # A bug: the next booking goes on, and this one is not tried again at once.
            log.exception("reconciling failed", extra={"booking_id": booking_id})
            db.session.rollback()
            booking = db.session.get_one(Booking, booking_id)
            settling.postpone(
                booking_id,
                booking.desired_revision,
                reason=OUR_MISTAKE,
                until=world.clock() + AFTER_A_BUG,
            )

    @_task(jobs, app, wakeups.SEND_MAIL)
    def send_mail(mail_id: int) -> None:
        try:
            outbox.send(mail_id, world, smtp_url=settings.smtp_url)
        except Busy:
            # Being sent at this moment; were it not taken, the sweep would find it waiting.
            return
        except Exception:
            log.exception("sending failed", extra={"mail_id": mail_id})
            db.session.rollback()
            now = world.clock()
            mails.record_postponed(mail_id, OUR_MISTAKE, until=now + AFTER_A_BUG, now=now)

    @_task(jobs, app, wakeups.CHECK_CONNECTION)
    def check_connection() -> None:
        connection.check(world)
        _refresh_calendars(world, access)

    for each in RECURRING:
        _recur(jobs, app, each, partial(each.work, world, access))
    _unstall(jobs)
    return jobs


def _task(
    jobs: procrastinate.App, app: Flask, name: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a task that runs in a Flask context of its own, with a database session of its own."""

    def register(work: Callable[..., None]) -> Callable[..., None]:
        @wraps(work)
        def in_context(**arguments: Any) -> None:
            with app.app_context():
                work(**arguments)

        jobs.task(name=name, queue=wakeups.QUEUE)(in_context)
        return in_context

    return register


def _come_again(booking_id: int) -> None:
    """Look at a booking once the worker who is looking at it now has left."""
    # A wake-up of its own and not procrastinate's retry: that puts the running job back into the
    # queue, fails where a wake-up of the same name waits there, and leaves the job running for ever.
    booking = db.session.get_one(Booking, booking_id)
    wakeups.reconcile_soon(
        db.session.connection(),
        booking_id,
        revision=booking.desired_revision,
        after=timedelta(milliseconds=random.randint(500, 2000)),  # noqa: S311
    )
    db.session.commit()


def _recur(
    jobs: procrastinate.App, app: Flask, recurring: Recurring, work: Callable[[], object]
) -> None:
    def tick(timestamp: int) -> None:
        with app.app_context():
            work()

    task = jobs.task(name=recurring.name, queue=wakeups.QUEUE, queueing_lock=recurring.name)(tick)
    jobs.periodic(cron=recurring.cron)(task)


def _unstall(jobs: procrastinate.App) -> None:
    # procrastinate does not return the jobs of dead workers by itself. No `lock=`: it would
    # stall itself.
    @jobs.periodic(cron="* * * * * */5")
    @jobs.task(name="unstall", queue=wakeups.QUEUE, queueing_lock="unstall")
    async def unstall(timestamp: int) -> None:
        manager = jobs.job_manager
        stalled = await manager.get_stalled_jobs(
            seconds_since_heartbeat=STALLED_AFTER.total_seconds()
        )
        for job in stalled:
            if job.attempts >= MOST_STARTS:
                await manager.finish_job(job, status=Status.FAILED, delete_job=False)
                continue
            try:
                await manager.retry_job(job)
            except UniqueViolation:
                # The same work has been asked for anew and waits already.
                await manager.finish_job(job, status=Status.FAILED, delete_job=True)


async def _work(jobs: procrastinate.App) -> None:
    # Plain tasks run in the loop's default thread pool, which on two cores has six threads
    # whatever `concurrency` says.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(CONCURRENCY))
    async with jobs.open_async():
        await jobs.run_worker_async(
            queues=[wakeups.QUEUE],
            concurrency=CONCURRENCY,
            update_heartbeat_interval=HEARTBEAT.total_seconds(),
            stalled_worker_timeout=STALLED_AFTER.total_seconds(),
            fetch_job_polling_interval=POLL_EVERY.total_seconds(),
            delete_jobs="successful",
            shutdown_graceful_timeout=STOP_WITHIN.total_seconds(),
            install_signal_handlers=True,
        )
