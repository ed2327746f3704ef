from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduler.domain.diff import SendUpdates
from scheduler.domain.timespan import TimeSpan
from scheduler.emulator.server import Emulator
from scheduler.google.calendar import CalendarGateway
from scheduler.google.client import Google
from scheduler.google.errors import GoogleError, Unreachable
from scheduler.google.freebusy import LONGEST_REASON, UNREADABLE, Unknown, read_busy
from tests.google.canned import Canned, answer, google_at, page, refusal
from tests.google.conftest import ADA, DANA, FEMI
from tests.google.events import MORNING, interviewer_event
from tests.google.wsgi_http import WsgiHttp

WEEK = TimeSpan(MORNING.start - timedelta(days=3), MORNING.start + timedelta(days=4))


def block(start: str, end: str) -> dict[str, str]:
    return {"start": f"2026-11-23T{start}", "end": f"2026-11-23T{end}"}


def span(start: int, end: int) -> TimeSpan:
    def at(hour: int) -> datetime:
        return datetime(2026, 11, 23, hour, tzinfo=UTC)

    return TimeSpan(at(start), at(end))


def test_people_are_busy_where_their_events_are(
    google: Google, gateway: CalendarGateway, loops: str
) -> None:
    gateway.insert_internal_event(loops, interviewer_event(), send_updates=SendUpdates.ALL)
    assert read_busy(google, [DANA, FEMI.upper()], WEEK) == {DANA: (MORNING,), FEMI: (MORNING,)}


def test_people_whose_calendar_we_cannot_see_are_unknown(google: Google) -> None:
    assert read_busy(google, [DANA, ADA], WEEK) == {DANA: (), ADA: Unknown("notFound")}


def test_an_error_inside_the_answer_is_unknown_and_never_free(
    google: Google, emulator: Emulator
) -> None:
    emulator.set_freebusy_error(DANA, "internalError")
    assert read_busy(google, [DANA, FEMI], WEEK) == {DANA: Unknown("internalError"), FEMI: ()}


@pytest.mark.parametrize(
    "entry",
    [
        {"errors": [{"domain": "global"}], "busy": []},
        {"errors": [{"reason": 404}]},
        {"errors": ["notFound"]},
        {"errors": "notFound"},
        {},
        {"busy": None},
        {"busy": [{}]},
        {"busy": ["09:00"]},
        {"busy": [block("09:00", "10:00")]},
        {"busy": [block("10:00:00Z", "09:00:00Z")]},
        {"busy": [block("noon", "10:00:00Z")]},
        {"busy": [{"start": "0001-01-01T00:00:00+01:00", "end": "2026-11-24T00:00:00Z"}]},
        {"busy": [{"start": "2026-11-24T00:00:00Z", "end": "9999-12-31T23:00:00-02:00"}]},
        None,
        [],
    ],
)
def test_what_cannot_be_read_is_unknown(entry: Any) -> None:
    app = Canned([answer({"calendars": {DANA: entry}})])
    assert read_busy(google_at(app), [DANA], span(8, 18)) == {DANA: Unknown(UNREADABLE)}


def test_what_google_gives_as_its_reason_is_kept_as_far_as_it_is_a_word() -> None:
    errors = [{"domain": "global", "reason": "somethingNew" * 20}, {"reason": "notFound"}]
    app = Canned([answer({"calendars": {DANA: {"errors": errors, "busy": []}}})])
    reason = ("somethingNew" * 20)[:LONGEST_REASON]
    assert read_busy(google_at(app), [DANA], span(8, 18)) == {DANA: Unknown(reason)}


def test_a_calendar_that_is_missing_from_the_answer_is_unknown() -> None:
    app = Canned([answer({"calendars": {DANA: {"busy": []}}})])
    assert read_busy(google_at(app), [DANA, FEMI], span(8, 18)) == {
        DANA: (),
        FEMI: Unknown(UNREADABLE),
    }


@pytest.mark.parametrize("nonsense", [{"calendars": []}, {"calendars": None}, {"kind": "x"}])
def test_an_answer_without_calendars_knows_nothing(nonsense: object) -> None:
    app = Canned([answer(nonsense)])
    assert read_busy(google_at(app), [DANA], span(8, 18)) == {DANA: Unknown(UNREADABLE)}


def test_spans_come_in_order_in_utc_and_joined() -> None:
    busy = [
        block("15:00:00+01:00", "16:00:00+01:00"),
        block("09:00:00Z", "10:00:00Z"),
        block("10:00:00Z", "11:00:00Z"),
        block("12:00:00Z", "12:00:00Z"),
    ]
    app = Canned([answer({"calendars": {"Dana@Acme.Example": {"busy": busy}}})])
    assert read_busy(google_at(app), [DANA], span(8, 18)) == {DANA: (span(9, 11), span(14, 15))}


def test_nobody_is_asked_about_nobody() -> None:
    app = Canned([])
    assert read_busy(google_at(app), [], span(8, 18)) == {}
    assert app.asked == []


def test_many_people_and_many_weeks_are_asked_in_portions() -> None:
    people = [f"i{number}@acme.example" for number in range(120)]
    free: dict[str, Any] = {"calendars": {address: {"busy": []} for address in people}}
    app = Canned([answer(free) for _ in range(9)])
    http = WsgiHttp(app)
    start = datetime(2026, 11, 23, tzinfo=UTC)
    window = TimeSpan(start, start + timedelta(days=60))
    busy = read_busy(google_at(app, http=http), [*people, people[0].upper()], window)
    assert busy == dict.fromkeys(people, ())
    asked = [sent.resource for sent in http.sent if sent.path.endswith("/freeBusy")]
    assert [len(request["items"]) for request in asked] == [50, 50, 20] * 3
    assert {(request["timeMin"], request["timeMax"]) for request in asked} == {
        ("2026-11-23T00:00:00+00:00", "2026-12-21T00:00:00+00:00"),
        ("2026-12-21T00:00:00+00:00", "2027-01-18T00:00:00+00:00"),
        ("2027-01-18T00:00:00+00:00", "2027-01-22T00:00:00+00:00"),
    }


def test_a_person_unknown_in_one_portion_is_unknown_and_a_meeting_across_two_is_one() -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)
    seam = start + timedelta(days=28)

    def busy(begin: datetime, end: datetime) -> dict[str, Any]:
        return {"busy": [{"start": begin.isoformat(), "end": end.isoformat()}]}

    hour = timedelta(hours=1)
    app = Canned(
        [
            answer({"calendars": {DANA: busy(seam - hour, seam), FEMI: {"busy": []}}}),
            answer({"calendars": {DANA: busy(seam, seam + hour), FEMI: {"errors": [{}]}}}),
        ]
    )
    found = read_busy(google_at(app), [DANA, FEMI], TimeSpan(start, seam + timedelta(days=1)))
    assert found == {DANA: (TimeSpan(seam - hour, seam + hour),), FEMI: Unknown(UNREADABLE)}


def test_an_outage_is_an_error_and_no_answer() -> None:
    with pytest.raises(Unreachable):
        read_busy(google_at(Canned([page(502) for _ in range(5)])), [DANA], span(8, 18))
    with pytest.raises(GoogleError):
        read_busy(google_at(Canned([refusal(400, "timeRangeTooLong")])), [DANA], span(8, 18))
