"""Reads the calendars of people and rooms and keeps what they said, for the slot search."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from scheduler.commands import reading
from scheduler.commands.reading import Asked, Told
from scheduler.domain.availability import ReadingLevel
from scheduler.domain.people import InterviewerId
from scheduler.domain.plan import RoomId
from scheduler.domain.timespan import TimeSpan
from scheduler.google.freebusy import Busy, Unknown, read_busy
from scheduler.models.base import db
from scheduler.models.calendar import BusyCalendar
from scheduler.models.people import InterviewerRow, PoolMembership
from scheduler.models.plans import SeatRuleRow
from scheduler.models.rooms import RoomCalendar, RoomRow
from scheduler.queries import keywords, slot_searches, snapshots
from scheduler.queries.google_access import GoogleAccess
from scheduler.queries.scheduling import scheduling_rules

DETAILS_LAST = timedelta(minutes=5)
DETAILS_WITHIN = timedelta(seconds=20)  # somebody waits for it
DETAILS_OF_EVERYBODY_WITHIN = timedelta(seconds=90)  # nobody does; the worker's next comes then


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What came of reading calendars, counted in people. Whoever was left unread is unknown."""

    people: int
    unknown: int
    new_masks: int


def refresh(
    people_ids: Collection[InterviewerId],
    room_ids: Collection[RoomId] = (),
    *,
    access: GoogleAccess,
    now: datetime,
    details_within: timedelta = DETAILS_WITHIN,
) -> Refreshed:
    """Read the live calendars of these people and rooms, and keep what they come to.

    Somebody whose calendar Google cannot tell of is kept as unknown. What was known of whoever is
    left unread stays, and grows old by itself: for a booking it is soon too old. So does all that
    was known when Google cannot be asked at all, which raises GoogleError.
    """
    people = _asked(people_ids)
    rooms = _addresses_of(room_ids)
    rules = scheduling_rules()
    # No transaction is open while Google is asked.
    db.session.rollback()
    if not people and not rooms:
        return Refreshed(0, 0, 0)
    covers = slot_searches.days_to_read(now, rules)
    busy = read_busy(access.google, [*(each.address for each in people), *rooms], covers)
    told, unread = reading.by_free_busy(people, busy), frozenset[InterviewerId]()
    if rules.level is ReadingLevel.DETAILS:
        known = [each for each in people if told[each.interviewer_id].error is None]
        detail = reading.in_detail(known, covers, access=access, within=details_within)
        unread = detail.unread
        told = {id_: each for id_, each in {**told, **detail.told}.items() if id_ not in unread}
    _keep_people(told, covers, now)
    _keep_rooms({id_: busy[address] for address, id_ in rooms.items()}, covers, now)
    new_masks = _renew_masks(sorted(told), slot_searches.window_from(now, rules))
    db.session.commit()
    unknown = len(unread) + sum(each.error is not None for each in told.values())
    return Refreshed(len(people), unknown, new_masks)


def refresh_everybody(*, access: GoogleAccess, now: datetime) -> Refreshed:
    """Read the calendar of everybody who is in a pool, or named for a seat, and of every room in use.

    But for those that were read in detail not long ago: each of them costs requests of its own.
    """
    people = db.session.scalars(
        select(PoolMembership.interviewer_id).union(
            select(InterviewerRow.id).join(SeatRuleRow.people)
        )
    ).all()
    rooms = db.session.scalars(select(RoomRow.id).where(RoomRow.retired_at.is_(None))).all()
    return refresh(
        [InterviewerId(each) for each in set(people) - _read_in_detail_since(now - DETAILS_LAST)],
        [RoomId(each) for each in rooms],
        access=access,
        now=now,
        details_within=DETAILS_OF_EVERYBODY_WITHIN,
    )


def _read_in_detail_since(moment: datetime) -> set[int]:
    if scheduling_rules().level is ReadingLevel.BUSY:
        return set()
    return set(
        db.session.scalars(
            select(BusyCalendar.interviewer_id).where(
                BusyCalendar.level == ReadingLevel.DETAILS,
                BusyCalendar.error.is_(None),
                BusyCalendar.read_at > moment,
            )
        )
    )


def _asked(people_ids: Collection[InterviewerId]) -> list[Asked]:
    of_everybody, of_people = keywords.of_everybody(), keywords.of_people(people_ids)
    rows = db.session.execute(
        select(InterviewerRow.id, InterviewerRow.email).where(InterviewerRow.id.in_(people_ids))
    )
    return [
        Asked(InterviewerId(id_), email.lower(), (of_people.get(id_, ()), of_everybody))
        for id_, email in rows
    ]


def _addresses_of(room_ids: Collection[RoomId]) -> dict[str, RoomId]:
    if not room_ids:
        return {}
    return {
        row.email.lower(): RoomId(row.id)
        for row in db.session.execute(
            select(RoomRow.id, RoomRow.email).where(RoomRow.id.in_(room_ids))
        )
    }


def _keep_people(told: Mapping[InterviewerId, Told], covers: TimeSpan, now: datetime) -> None:
    rows = [
        {"interviewer_id": id_, "mask_version": "", **_told(told[id_], covers, now)}
        for id_ in sorted(told)
    ]
    _keep(BusyCalendar, BusyCalendar.interviewer_id, rows)


def _keep_rooms(said: Mapping[RoomId, Busy | Unknown], covers: TimeSpan, now: datetime) -> None:
    rows = [{"room_id": id_, **_reading(said[id_], covers, now)} for id_ in sorted(said)]
    _keep(RoomCalendar, RoomCalendar.room_id, rows)


def _keep(
    kept: type[BusyCalendar | RoomCalendar],
    key: InstrumentedAttribute[int],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    if not rows:
        return
    write = insert(kept).values(rows)
    same_trouble = func.coalesce(kept.unknown_since, write.excluded.unknown_since)
    news = set(rows[0]) - {key.key, "unknown_since", "mask_version"}
    db.session.execute(
        write.on_conflict_do_update(
            index_elements=[key],
            set_={name: write.excluded[name] for name in news}
            | {"unknown_since": case((write.excluded.error.is_not(None), same_trouble))},
            # Two readings may cross; the later one is the one to keep.
            where=kept.read_at <= write.excluded.read_at,
        )
    )


def _told(told: Told, covers: TimeSpan, now: datetime) -> dict[str, Any]:
    """Return the columns of what a person's calendar said; titles are in none of them."""
    busy = told.reading.busy
    return {
        "covers": covers,
        "level": told.level,
        "busy": None if busy is None else snapshots.span_texts(busy),
        "soft": snapshots.span_texts(told.reading.soft),
        "kept_for_interviews": snapshots.span_texts(told.reading.kept_for_interviews),
        "hours": snapshots.hours_texts(told.hours),
        "version": snapshots.version_of(covers, told),
        "error": told.error,
        "unknown_since": None if told.error is None else now,
        "read_at": now,
    }


def _reading(said: Busy | Unknown, covers: TimeSpan, now: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        "covers": covers,
        "busy": None,
        "version": snapshots.version_of(covers, said),
        "error": None,
        "unknown_since": None,
        "read_at": now,
    }
    if isinstance(said, Unknown):
        return row | {"error": said.reason, "unknown_since": now}
    return row | {"busy": snapshots.span_texts(said)}


def _renew_masks(people_ids: Collection[InterviewerId], window: TimeSpan) -> int:
    """Make the masks of those who have changed, and return how many these are."""
    people, _ = slot_searches.people_for(
        people_ids, window, now=window.start, fresh_for=slot_searches.FRESH_FOR_A_BOOKING
    )
    made_for = snapshots.mask_versions(people_ids)
    calendars = snapshots.shelf_of(window).calendars
    changed = [
        person
        for id_, person in sorted(people.items())
        if person.version and made_for.get(id_) != person.version
    ]
    if changed:
        db.session.execute(
            update(BusyCalendar),
            [
                {
                    "interviewer_id": person.interviewer.interviewer_id,
                    "mask": calendars.to_bytes(person),
                    "mask_version": person.version,
                }
                for person in changed
            ],
        )
    return len(changed)
