"""Meet v2 over HTTP: conferences that took place, who was there, and what was recorded: nothing."""

from __future__ import annotations

import sqlite3

from flask import Blueprint, Response, request

from scheduler.emulator import meet, meet_lists, meet_records
from scheduler.emulator.calls import api_call, number
from scheduler.emulator.errors import Refused, Resource
from scheduler.emulator.meet_api import CREATED
from scheduler.emulator.meet_errors import denied, newer, not_found
from scheduler.emulator.traffic import refused
from scheduler.emulator.world import Principal, World

meet_records_api = Blueprint("meet_records_api", __name__, url_prefix="/v2/conferenceRecords")
_RECORD = "/<record_id>"
_PARTICIPANT = f"{_RECORD}/participants/<participant_id>"
_SESSIONS = f"{_PARTICIPANT}/participantSessions"
_PEOPLE_A_PAGE, _PEOPLE_A_PAGE_MAX = 100, 250


@meet_records_api.errorhandler(Refused)
def in_the_newer_envelope(refusal: Refused) -> Response:
    return refused(newer(refusal))


@meet_records_api.get("")
@api_call("conferenceRecords.list")
def list_records(world: World, who: Principal) -> Resource:
    found = [
        meet_records.resource(row)
        for row in meet_records.of_owner(world, who.email)
        if _is_in_scope(world, who, row) and meet_lists.matches(_values(world, row), _filter())
    ]
    return meet_lists.page_of(
        world, "conferenceRecords", found, meet_lists.size_of(number("pageSize"), 25, 100), _token()
    )


@meet_records_api.get(_RECORD)
@api_call("conferenceRecords.get")
def get_record(world: World, who: Principal, record_id: str) -> Resource:
    return meet_records.resource(_own(world, who, record_id))


@meet_records_api.get(f"{_RECORD}/participants")
@api_call("participants.list")
def list_participants(world: World, who: Principal, record_id: str) -> Resource:
    _own(world, who, record_id)
    fields = {"earliest_start_time": "earliestStartTime", "latest_end_time": "latestEndTime"}
    found = _filtered(meet_records.participants(world, record_id), fields)
    return meet_lists.page_of(world, "participants", found, _people_a_page(), _token())


@meet_records_api.get(_PARTICIPANT)
@api_call("participants.get")
def get_participant(world: World, who: Principal, record_id: str, participant_id: str) -> Resource:
    _own(world, who, record_id)
    return _named(meet_records.participants(world, record_id), participant_id)


@meet_records_api.get(_SESSIONS)
@api_call("participantSessions.list")
def list_sessions(world: World, who: Principal, record_id: str, participant_id: str) -> Resource:
    _own(world, who, record_id)
    fields = {"start_time": "startTime", "end_time": "endTime"}
    found = _filtered(meet_records.sessions(world, record_id, participant_id), fields)
    return meet_lists.page_of(world, "participantSessions", found, _people_a_page(), _token())


@meet_records_api.get(f"{_SESSIONS}/<session_id>")
@api_call("participantSessions.get")
def get_session(
    world: World, who: Principal, record_id: str, participant_id: str, session_id: str
) -> Resource:
    _own(world, who, record_id)
    return _named(meet_records.sessions(world, record_id, participant_id), session_id)


@meet_records_api.get(f"{_RECORD}/<any(recordings, transcripts, smartNotes):kind>")
@api_call("artifacts.list")
def list_artifacts(world: World, who: Principal, record_id: str, kind: str) -> Resource:
    _own(world, who, record_id)
    return {}


@meet_records_api.get(f"{_RECORD}/<any(recordings, transcripts, smartNotes):kind>/<path:rest>")
@api_call("artifacts.get")
def get_artifact(world: World, who: Principal, record_id: str, kind: str, rest: str) -> Resource:
    _own(world, who, record_id)
    raise not_found()


def _own(world: World, who: Principal, record_id: str) -> sqlite3.Row:
    """Return a record of the caller's own space, or 403 as for one that is not there."""
    row = meet_records.find(world, record_id)
    space = meet.by_id(world, row["space_id"]) if row else None
    if row is None or space is None or space.owner != who.email:
        raise denied("ConferenceRecord")
    if not _is_in_scope(world, who, row):
        raise denied("ConferenceRecord")
    return row


def _is_in_scope(world: World, who: Principal, row: sqlite3.Row) -> bool:
    space = meet.by_id(world, row["space_id"])
    return who.scopes != {CREATED} or (space is not None and space.made_by == "app")


def _values(world: World, row: sqlite3.Row) -> dict[str, str | None]:
    record, space = meet_records.resource(row), meet.by_id(world, row["space_id"])
    return {
        "space.name": record["space"],
        "space.meeting_code": space.code if space else None,
        "start_time": record["startTime"],
        "end_time": record.get("endTime"),
    }


def _filtered(items: list[Resource], fields: dict[str, str]) -> list[Resource]:
    return [
        item
        for item in items
        if meet_lists.matches({name: item.get(key) for name, key in fields.items()}, _filter())
    ]


def _named(items: list[Resource], last: str) -> Resource:
    for item in items:
        if item["name"].rpartition("/")[2] == last:
            return item
    raise not_found()


def _people_a_page() -> int:
    return meet_lists.size_of(number("pageSize"), _PEOPLE_A_PAGE, _PEOPLE_A_PAGE_MAX)


def _filter() -> str:
    return request.args.get("filter", "")


def _token() -> str | None:
    return request.args.get("pageToken")
