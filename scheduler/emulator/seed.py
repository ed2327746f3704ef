"""Filling an empty store with a company and its believable weeks."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from scheduler.emulator import instances, shapes, weeks
from scheduler.emulator.accounts import add_account
from scheduler.emulator.calendar import find, grant
from scheduler.emulator.company import Account, Company
from scheduler.emulator.events import new_id
from scheduler.emulator.masters import organizer_of
from scheduler.emulator.moments import instant, rfc3339_millis
from scheduler.emulator.rows import put
from scheduler.emulator.world import World

_EVERY_FOURTH = 4
"""Every fourth interviewer shares only free/busy with colleagues, the others their details."""


def settle_in(world: World, company: Company) -> None:
    """Add the company's people, and from Monday of this week on what their calendars hold."""
    with world.store.transaction():
        for account in company.accounts:
            add_account(world, account)
        interviewers = [a for a in company.accounts if a.kind == "interviewer"]
        for number, account in enumerate(interviewers):
            if number % _EVERY_FOURTH != _EVERY_FOURTH - 1:
                grant(world, account.email, "domain", company.domain, "reader")
            _fill(world, account)


def _fill(world: World, account: Account) -> None:
    calendar = find(world, account.email)
    if calendar is None:
        return
    today = world.now().astimezone(ZoneInfo(account.zone)).date()
    monday = today - timedelta(days=today.weekday())
    organizer = organizer_of(world, calendar)
    created = rfc3339_millis(world.now())
    for entry in weeks.calendar_of(account, monday):
        event_id = new_id()
        body = shapes.checked(entry.body, zone=calendar.zone)
        body |= {
            "iCalUID": f"{event_id}@google.com",
            "creator": organizer,
            "organizer": organizer,
            "created": created,
            "sequence": 0,
        }
        event = put(world, calendar, event_id, body)
        for exception in entry.exceptions:
            start = instant(exception["originalStartTime"], calendar.zone)
            usual = instances.instance(event, calendar, start)
            put(world, calendar, usual.id, {**usual.body, **exception})
