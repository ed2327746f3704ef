"""Every refusal that Google documents: status, domain, reason, message and location, each over HTTP.

`message=None` where no document has the words, and `domain=None` where none has the domain; the rest is exact.
Requests are made by hand, as a client of nobody's would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import requests

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import ADA, DANA, FEMI, SCHEDULING, STRANGER, Clock, meeting, wish
from tests.fidelity.quotes import fidelity

CLIENT = "by hand: refusals"

SEQUENCE = (
    "Invalid sequence value. The specified sequence number is below the current sequence number of"
    " the resource. Re-fetch the resource and use its sequence number on the following request."
)
HOOK = "http://localhost:9/hook"


class Scene:
    """The scheduling account with an event, a deleted event, and a guest; whoever asks is signed in."""

    def __init__(self, google: Emulator, url: str, clock: Clock) -> None:
        self.google = google
        self.clock = clock
        self.url = url
        body = meeting(id="0live0event0", attendees=[{"email": DANA}])
        self.event: dict[str, Any] = self.ask("POST", "calendars/primary/events", body).json()
        self.ask("POST", "calendars/primary/events", meeting(id="0gone0event0"))
        self.ask("DELETE", "calendars/primary/events/0gone0event0")
        listed = self.ask("GET", "calendars/primary/events").json()
        self.sync_token = listed["nextSyncToken"]

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        who: str = SCHEDULING,
        scopes: tuple[str, ...] = ("calendar",),
        token: str | None = None,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> requests.Response:
        """Ask the Calendar interface, or with a leading slash any other."""
        carried = token if token is not None else self.google.issue_access_token(who, scopes)
        signed = {"Authorization": f"Bearer {carried}"} if carried else {}
        address = path if path.startswith("/") else f"/calendar/v3/{path}"
        return requests.request(
            method,
            self.url + address,
            json=body,
            params=query,
            headers={**signed, **(headers or {})},
            timeout=30,
        )

    def insert(self, body: Any = None, **changed: Any) -> requests.Response:
        query = {key: changed.pop(key) for key in tuple(changed) if key in _QUERY}
        given = meeting(**changed) if body is None else body
        return self.ask("POST", "calendars/primary/events", given, **query)

    def patch(self, **given: Any) -> requests.Response:
        query = {key: given.pop(key) for key in tuple(given) if key in _QUERY}
        return self.ask("PATCH", "calendars/primary/events/0live0event0", given, **query)

    def list(self, **query: Any) -> requests.Response:
        return self.ask("GET", "calendars/primary/events", **query)

    def conference(self, **changed: Any) -> requests.Response:
        """Send a genuine conference with something changed."""
        made = self.insert(conferenceData=wish(), conferenceDataVersion=1).json()["conferenceData"]
        data = {name: value for name, value in made.items() if name != "createRequest"}
        return self.insert(conferenceData={**data, **changed}, conferenceDataVersion=1)

    def watch(self, **changed: Any) -> requests.Response:
        body = {"id": "channel-1", "type": "web_hook", "address": HOOK, **changed}
        return self.ask("POST", "calendars/primary/events/watch", body)

    def busy(self, **changed: Any) -> requests.Response:
        body = {"timeMin": "2026-11-24T00:00:00Z", "timeMax": "2026-11-25T00:00:00Z", "items": []}
        return self.ask("POST", "freeBusy", {**body, **changed})


_QUERY = ("conferenceDataVersion", "sendUpdates", "supportsAttachments", "fields", "who")


@pytest.fixture
def scene(google: Emulator, url: str, now: Clock) -> Scene:
    return Scene(google, url, now)


@dataclass(frozen=True)
class Row:
    """What is asked, and what Google says to it."""

    name: str
    ask: Callable[[Scene], requests.Response]
    status: int
    reason: str
    message: str | None = None
    domain: str | None = "global"
    location: tuple[str, str] | None = None


def invalid(
    name: str, ask: Callable[[Scene], requests.Response], message: str | None = None
) -> Row:
    return Row(name, ask, 400, "invalid", message)


def not_found(name: str, ask: Callable[[Scene], requests.Response]) -> Row:
    return Row(name, ask, 404, "notFound", "Not Found")


def planted(status: int, reason: str, message: str, domain: str) -> Row:
    """What no rule of the emulator leads to by itself; a fault spells it as Google does."""

    def ask(scene: Scene) -> requests.Response:
        scene.google.add_fault(status=status, reason=reason)
        return scene.list()

    return Row(f"{status} {reason} on demand", ask, status, reason, message, domain)


def twice(ask: Callable[[Scene], requests.Response]) -> Callable[[Scene], requests.Response]:
    def again(scene: Scene) -> requests.Response:
        assert ask(scene).ok
        return ask(scene)

    return again


def point(kind: str, uri: str, **more: str) -> dict[str, str]:
    return {"entryPointType": kind, "uri": uri, **more}


def entry_points(name: str, *points: dict[str, str]) -> Row:
    return invalid(f"a conference with {name}", lambda s: s.conference(entryPoints=list(points)))


VIDEO = point("video", "https://meet.example/abc")


def quota(scene: Scene, **limits: Any) -> requests.Response:
    scene.google.set_quota(**limits)
    scene.list()
    return scene.list()


def with_token(name: str, value: str) -> Callable[[Scene], requests.Response]:
    return lambda scene: scene.list(syncToken=scene.sync_token, **{name: value})


def upon_an_old_etag(method: str) -> Callable[[Scene], requests.Response]:
    address, old = "calendars/primary/events/0live0event0", {"If-Match": '"old"'}
    return lambda scene: scene.ask(method, address, meeting(), headers=old)


def revoked(scene: Scene) -> requests.Response:
    token = scene.google.issue_access_token(DANA, ["calendar"])
    scene.google.revoke_all(DANA)
    return scene.list(token=token)


def outlived(scene: Scene) -> requests.Response:
    token = scene.google.issue_access_token(SCHEDULING, ["calendar"])
    scene.clock.advance(timedelta(hours=1))
    return scene.list(token=token)


def written_by_a_reader(scene: Scene) -> requests.Response:
    scene.google.grant(SCHEDULING, "user", FEMI, "reader")
    return scene.ask("POST", f"calendars/{SCHEDULING}/events", meeting(), who=FEMI)


def below_its_sequence(scene: Scene) -> requests.Response:
    moved = {"start": at("2026-11-24T12:00:00+01:00"), "end": at("2026-11-24T13:00:00+01:00")}
    assert scene.patch(**moved).json()["sequence"] == 1
    return scene.patch(sequence=0)


def expired(scene: Scene) -> requests.Response:
    scene.google.expire_sync_tokens()
    return scene.list(syncToken=scene.sync_token)


def at(text: str, zone: str | None = None) -> dict[str, str]:
    return {"dateTime": text, **({"timeZone": zone} if zone else {})}


RANGE = ("parameter", "timeMax")
EMPTY = "The specified time range is empty."
CREDENTIALS = ("header", "Authorization")
ID = "Invalid resource id value."

BAD_REQUESTS = [
    Row("a list backwards", lambda s: s.list(timeMin="2026-11-25T00:00:00Z", timeMax="2026-11-24T00:00:00Z"),
        400, "timeRangeEmpty", EMPTY, "calendar", RANGE),
    Row("free/busy backwards", lambda s: s.busy(timeMax="2026-11-23T00:00:00Z"),
        400, "timeRangeEmpty", EMPTY, "calendar", RANGE),
    Row("an event backwards", lambda s: s.insert(end=at("2026-11-24T09:00:00+01:00")),
        400, "timeRangeEmpty", EMPTY, "calendar"),
    Row("free/busy over years", lambda s: s.busy(timeMax="2028-11-24T00:00:00Z"),
        400, "timeRangeTooLong", None, "calendar", RANGE),
    invalid("a conference that the calendar has not", lambda s: s.insert(
        conferenceData=wish(kind="eventHangout"), conferenceDataVersion=1), "Invalid conference type value."),
    invalid("a conference of no known kind", lambda s: s.insert(
        conferenceData=wish(kind="zoom"), conferenceDataVersion=1), "Invalid conference type value."),
    invalid("an id with a w", lambda s: s.insert(id="window"), ID),
    invalid("an id in capitals", lambda s: s.insert(id="ABCDE"), ID),
    invalid("an id of four", lambda s: s.insert(id="abcd"), ID),
    invalid("an id of 1025", lambda s: s.insert(id="a" * 1025), ID),
    Row("no end", lambda s: s.insert({"start": at("2026-11-24T10:00:00Z")}), 400, "required", "Missing end time."),
    Row("no start", lambda s: s.insert({"end": at("2026-11-24T10:00:00Z")}), 400, "required"),
    invalid("a day and an hour", lambda s: s.insert(start={"date": "2026-11-24"})),
    invalid("an hour of no zone", lambda s: s.insert(start=at("2026-11-24T10:00:00"), end=at("2026-11-24T11:00:00"))),
    invalid("a zone that is none", lambda s: s.insert(
        start=at("2026-11-24T10:00:00", "Mars/Base"), end=at("2026-11-24T11:00:00", "Mars/Base"))),
    invalid("a series with DTSTART", lambda s: s.insert(recurrence=["DTSTART:20261124T090000Z", "RRULE:FREQ=DAILY"])),
    invalid("a rule that is none", lambda s: s.insert(recurrence=["RRULE:FREQ=SOMETIMES"])),
    invalid("six reminders", lambda s: s.insert(
        reminders={"useDefault": False, "overrides": [{"method": "popup", "minutes": n} for n in range(6)]})),
    invalid("a reminder before four weeks", lambda s: s.insert(
        reminders={"useDefault": False, "overrides": [{"method": "popup", "minutes": 40321}]})),
    invalid("26 attachments", lambda s: s.insert(
        attachments=[{"fileUrl": f"https://drive.google.com/open?id={n}"} for n in range(26)], supportsAttachments="true")),
    Row("a guest without an address", lambda s: s.insert(attendees=[{"displayName": "Ada"}]), 400, "required"),
    invalid("a guest with half an address", lambda s: s.insert(attendees=[{"email": "ada"}])),
    invalid("a status of one's own", lambda s: s.insert(status="maybe")),
    invalid("a text where a list should be", lambda s: s.insert(attendees="ada@mail.example")),
    invalid("a sequence below the present", below_its_sequence, SEQUENCE),
    invalid("another type of event", lambda s: s.patch(eventType="focusTime")),
    invalid("an import of an absence", lambda s: s.ask(
        "POST", "calendars/primary/events/import", meeting(iCalUID="a@b.example", eventType="outOfOffice"))),
    Row("an import without a uid", lambda s: s.ask("POST", "calendars/primary/events/import", meeting()), 400, "required"),
    Row("a version that is none", lambda s: s.insert(conferenceDataVersion=7), 400, "invalidParameter",
        "Invalid value '7'. Values must be within the range: [0, 1]", "global", ("parameter", "conferenceDataVersion")),
    invalid("guests told in a way that is none", lambda s: s.insert(sendUpdates="some")),
    invalid("an order for single events only", lambda s: s.list(orderBy="startTime"),
            "The requested ordering is not available for the particular query."),
    *(invalid(f"a sync token with {name}", with_token(name, value))
      for name, value in (
          ("iCalUID", "a@b"), ("orderBy", "updated"), ("privateExtendedProperty", "a=b"), ("q", "x"),
          ("sharedExtendedProperty", "a=b"), ("timeMin", "2026-11-24T00:00:00Z"),
          ("timeMax", "2026-11-24T00:00:00Z"), ("updatedMin", "2026-11-22T00:00:00Z"), ("showDeleted", "false"))),
    entry_points("only a more", point("more", "https://meet.example/")),
    entry_points("two videos", VIDEO, VIDEO),
    entry_points("two sips", VIDEO, point("sip", "sip:1@a.example"), point("sip", "sip:2@a.example")),
    entry_points("a video by telephone", point("video", "tel:+49305550199")),
    entry_points("a phone by http", VIDEO, point("phone", "https://meet.example/")),
    entry_points("an address of 1301", point("video", "https://meet.example/" + "a" * 1280)),
    entry_points("a label of 513", {**VIDEO, "label": "a" * 513}),
    *(entry_points(f"a {name} of 129", {**VIDEO, name: "1" * 129})
      for name in ("pin", "accessCode", "meetingCode", "passcode", "password")),
    invalid("notes of 2049", lambda s: s.conference(notes="n" * 2049)),
    Row("a channel's id twice", twice(lambda s: s.watch()), 400, "channelIdNotUnique", None, None),
    Row("a channel of another kind", lambda s: s.watch(type="pigeon"), 400, "push.channelTypeNotSupported", None, None),
    Row("a hook without TLS", lambda s: s.watch(address="http://hooks.example/x"), 400, "push.webhookUrlNotHttps", None, None),
    Row("fields with a bracket too few", lambda s: s.list(fields="items(id"), 400, "invalidParameter",
        "Invalid field selection items(id", "global", ("parameter", "fields")),
    Row("fields with a name that no event has", lambda s: s.list(fields="items(id,title)"), 400, "invalidParameter",
        "Invalid field selection title", "global", ("parameter", "fields")),
]  # fmt: skip

UNAUTHORIZED = [
    Row("a token that is none", lambda s: s.list(token="ya29.none"), 401, "authError", "Invalid Credentials", "global", CREDENTIALS),
    Row("a token of an hour ago", outlived, 401, "authError", "Invalid Credentials", "global", CREDENTIALS),
    Row("a token that was revoked", revoked, 401, "authError", "Invalid Credentials", "global", CREDENTIALS),
    Row("no token", lambda s: s.list(token=""), 401, "required", None, "global", CREDENTIALS),
]  # fmt: skip

FORBIDDEN = [
    Row("too much of one user", lambda s: quota(s, per_user_per_minute=1),
        403, "userRateLimitExceeded", "User Rate Limit Exceeded", "usageLimits"),
    Row("too much of the project", lambda s: quota(s, per_project_per_minute=1),
        403, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"),
    Row("too much, the newer way", lambda s: quota(s, per_user_per_minute=1, status=429),
        429, "rateLimitExceeded", None, "usageLimits"),
    planted(403, "dailyLimitExceeded", "Daily Limit Exceeded", "usageLimits"),
    planted(403, "quotaExceeded", "Calendar usage limits exceeded.", "usageLimits"),
    planted(409, "conflict", "Conflict", "global"),
    planted(500, "backendError", "Backend Error", "global"),
    Row("a guest who renames", lambda s: s.ask("PATCH", "calendars/primary/events/0live0event0", {"summary": "x"}, who=DANA),
        403, "forbiddenForNonOrganizer", "Shared properties can only be changed by the organizer of the event.", "calendar"),
    Row("a scope of free/busy only", lambda s: s.list(scopes=("calendar.freebusy",)),
        403, "insufficientPermissions", "Request had insufficient authentication scopes."),
    Row("a reader who writes", written_by_a_reader,
        403, "requiredAccessLevel", "You need to have writer access to this calendar.", "calendar"),
]  # fmt: skip

NOT_THERE = [
    not_found("an event that is none", lambda s: s.ask("GET", "calendars/primary/events/nothing0here")),
    not_found("a patch of nothing", lambda s: s.ask("PATCH", "calendars/primary/events/nothing0here", {"summary": "x"})),
    not_found("a deletion of nothing", lambda s: s.ask("DELETE", "calendars/primary/events/nothing0here")),
    not_found("a calendar that is none", lambda s: s.ask("GET", f"calendars/{STRANGER}/events")),
    not_found("somebody else's calendar", lambda s: s.ask("GET", f"calendars/{SCHEDULING}/events", who=ADA)),
    not_found("a rule that is none", lambda s: s.ask("GET", f"calendars/primary/acl/user:{STRANGER}")),
    not_found("a calendar not on the list", lambda s: s.ask("GET", f"users/me/calendarList/{STRANGER}")),
    not_found("a setting that is none", lambda s: s.ask("GET", "users/me/settings/mood")),
    not_found("an address that is none", lambda s: s.ask("GET", "colours")),
    not_found("a method that an address has not", lambda s: s.ask("PUT", "colors", {})),
    Row("a channel that is none", lambda s: s.ask("POST", "channels/stop", {"id": "none", "resourceId": "none"}), 404, "notFound", None),
]  # fmt: skip

CONFLICTS = [
    Row("an id in use", lambda s: s.insert(id="0live0event0"), 409, "duplicate", "The requested identifier already exists."),
    Row("an id of a deleted event", lambda s: s.insert(id="0gone0event0"), 409, "duplicate", "The requested identifier already exists."),
    Row("a deletion twice", lambda s: s.ask("DELETE", "calendars/primary/events/0gone0event0"),
        410, "deleted", "Resource has been deleted"),
    *(Row(f"a sync token that is {name}", ask, 410, "fullSyncRequired",
          "Sync token is no longer valid, a full sync is required.", "calendar", ("parameter", "syncToken"))
      for name, ask in (
          ("broken", lambda s: s.list(syncToken="broken")),
          ("expired", expired),
          ("another's", lambda s: s.list(syncToken=s.sync_token, who=DANA)))),
    Row("changes since a year ago", lambda s: s.list(updatedMin="2025-11-23T00:00:00Z"),
        410, "updatedMinTooLongAgo", "The requested minimum modification time lies too far in the past.",
        "calendar", ("parameter", "updatedMin")),
    *(Row(f"a {method} upon an old etag", upon_an_old_etag(method), 412, "conditionNotMet", "Precondition Failed", "global", ("header", "If-Match"))
      for method in ("PATCH", "PUT", "DELETE")),
]  # fmt: skip


def told(row: Row) -> Any:
    """Return a row as a case, under the refusal it is about."""
    sentence = f"{row.status} {row.reason}: {row.message or row.name}"
    return pytest.param(row, id=row.name, marks=fidelity("Guide: errors", sentence))


@pytest.mark.parametrize(
    "row", [told(row) for row in (*BAD_REQUESTS, *UNAUTHORIZED, *FORBIDDEN, *NOT_THERE, *CONFLICTS)]
)
def test_a_refusal_is_google_s(scene: Scene, row: Row) -> None:
    answer = row.ask(scene)
    error = answer.json()["error"]
    first = error["errors"][0]
    assert (answer.status_code, first["reason"]) == (row.status, row.reason), error
    assert (error["code"], error["message"]) == (row.status, first["message"])
    if row.message is not None:
        assert first["message"] == row.message
    if row.domain is not None:
        assert first["domain"] == row.domain
    if row.location is not None:
        assert (first["locationType"], first["location"]) == row.location
    assert first["message"]


def test_a_refused_write_leaves_no_trace(scene: Scene) -> None:
    before = scene.list().json()
    for row in BAD_REQUESTS:
        if row.name.startswith(("an id", "a series", "six", "26", "a guest", "a rule", "no ")):
            assert row.ask(scene).status_code == 400
    assert scene.list().json()["items"] == before["items"]
    assert scene.google.outbox() == []


def test_a_token_without_the_scope_is_told_in_the_newer_form_too(scene: Scene) -> None:
    error = scene.list(scopes=("calendar.freebusy",)).json()["error"]
    assert error["status"] == "PERMISSION_DENIED"
    assert error["details"][0]["@type"] == "type.googleapis.com/google.rpc.ErrorInfo"
    assert error["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


def test_meet_answers_in_the_newer_form(scene: Scene) -> None:
    unknown = scene.ask("GET", "/v2/spaces/none", scopes=("meetings.space.created",))
    # Meet does not tell a space that is not there from one that is somebody else's.
    assert (unknown.status_code, unknown.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
    stranger = scene.ask("GET", "/v2/spaces/none", token="ya29.none")
    assert (stranger.status_code, stranger.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
    narrow = scene.ask("POST", "/v2/spaces", {}, scopes=("calendar",))
    assert (narrow.status_code, narrow.json()["error"]["status"]) == (403, "PERMISSION_DENIED")
