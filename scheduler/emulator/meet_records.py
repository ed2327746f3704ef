"""Conference records: each call that took place in a space, and who was in it from when to when."""

from __future__ import annotations

import secrets
import sqlite3
from datetime import timedelta

from scheduler.emulator.errors import Resource
from scheduler.emulator.identity import subject_of
from scheduler.emulator.moments import from_epoch, rfc3339_millis
from scheduler.emulator.world import World

KEPT = timedelta(days=30)
""" "The resource is deleted 30 days after the conference ends"."""


def joined(world: World, space_id: str, email: str) -> None:
    """Note that somebody has come in; the first one begins a conference."""
    now = world.now().timestamp()
    record_id = active(world, space_id)
    if record_id is None:
        record_id = secrets.token_urlsafe(16)
        world.store.run(
            "INSERT INTO conference_record VALUES (?, ?, ?, NULL)", record_id, space_id, now
        )
    world.store.run(
        "INSERT INTO participant_session VALUES (?, ?, ?, ?, NULL)",
        secrets.token_hex(8),
        record_id,
        email,
        now,
    )


def left(world: World, space_id: str, email: str) -> None:
    """Note that somebody has gone; the last one ends the conference."""
    record_id = active(world, space_id)
    if record_id is None:
        return
    now = world.now().timestamp()
    world.store.run(
        "UPDATE participant_session SET ended_at = ?"
        " WHERE record_id = ? AND email = ? AND ended_at IS NULL",
        now,
        record_id,
        email,
    )
    if not _sessions(world, "record_id = ? AND ended_at IS NULL", record_id):
        world.store.run("UPDATE conference_record SET ended_at = ? WHERE id = ?", now, record_id)


def ended(world: World, space_id: str) -> None:
    """Note that everybody has been sent home."""
    record_id = active(world, space_id)
    if record_id is not None:
        for row in _sessions(world, "record_id = ? AND ended_at IS NULL", record_id):
            left(world, space_id, row["email"])


def active(world: World, space_id: str) -> str | None:
    """Return the id of the conference that is going on in a space."""
    row = world.store.one(
        "SELECT id FROM conference_record WHERE space_id = ? AND ended_at IS NULL", space_id
    )
    return str(row["id"]) if row else None


def find(world: World, record_id: str) -> sqlite3.Row | None:
    """Return one record that is still kept."""
    row = world.store.one("SELECT * FROM conference_record WHERE id = ?", record_id)
    return row if row is not None and _is_kept(world, row) else None


def of_owner(world: World, email: str) -> list[sqlite3.Row]:
    """Return the records of somebody's own spaces, the latest first."""
    rows = world.store.all(
        "SELECT r.* FROM conference_record r JOIN space s ON s.id = r.space_id"
        " WHERE s.owner = ? ORDER BY r.started_at DESC, r.id",
        email,
    )
    return [row for row in rows if _is_kept(world, row)]


def resource(row: sqlite3.Row) -> Resource:
    """Return the ConferenceRecord of Meet v2."""
    record: Resource = {
        "name": f"conferenceRecords/{row['id']}",
        "startTime": _time(row["started_at"]),
        "space": f"spaces/{row['space_id']}",
    }
    if row["ended_at"] is not None:
        gone = row["ended_at"] + KEPT.total_seconds()
        record |= {"endTime": _time(row["ended_at"]), "expireTime": _time(gone)}
    return record


def participants(world: World, record_id: str) -> list[Resource]:
    """Return the Participants of a conference, who came last first; nobody who only knocked."""
    by_email: dict[str, list[sqlite3.Row]] = {}
    for row in _sessions(world, "record_id = ? ORDER BY started_at, id", record_id):
        by_email.setdefault(row["email"], []).append(row)
    found = [_participant(world, record_id, email, rows) for email, rows in by_email.items()]
    return sorted(found, key=lambda one: str(one["earliestStartTime"]), reverse=True)


def sessions(world: World, record_id: str, participant_id: str) -> list[Resource]:
    """Return the ParticipantSessions of one participant, the latest first."""
    rows = _sessions(world, "record_id = ? ORDER BY started_at DESC, id", record_id)
    return [
        _session(record_id, participant_id, row)
        for row in rows
        if subject_of(world, row["email"]) == participant_id
    ]


def _participant(world: World, record_id: str, email: str, rows: list[sqlite3.Row]) -> Resource:
    account = world.account(email)
    user = subject_of(world, email)
    who: Resource = {"anonymousUser": {"displayName": email}}
    if account is not None:
        who = {"signedinUser": {"user": f"users/{user}", "displayName": account.name}}
    last = [row["ended_at"] for row in rows]
    ends = {} if None in last else {"latestEndTime": _time(max(last))}
    return {
        "name": f"conferenceRecords/{record_id}/participants/{user}",
        "earliestStartTime": _time(rows[0]["started_at"]),
        **ends,
        **who,
    }


def _session(record_id: str, participant_id: str, row: sqlite3.Row) -> Resource:
    parent = f"conferenceRecords/{record_id}/participants/{participant_id}"
    ends = {} if row["ended_at"] is None else {"endTime": _time(row["ended_at"])}
    return {
        "name": f"{parent}/participantSessions/{row['id']}",
        "startTime": _time(row["started_at"]),
        **ends,
    }


def _sessions(world: World, where: str, *values: object) -> list[sqlite3.Row]:
    return world.store.all(f"SELECT * FROM participant_session WHERE {where}", *values)  # noqa: S608


def _is_kept(world: World, row: sqlite3.Row) -> bool:
    oldest = (world.now() - KEPT).timestamp()
    return row["ended_at"] is None or row["ended_at"] > oldest


def _time(second: float) -> str:
    return rfc3339_millis(from_epoch(second))
