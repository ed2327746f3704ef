from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import httplib2
import pytest
from werkzeug.wrappers import Response

from scheduler.google import client
from scheduler.google.calendar import CalendarGateway
from scheduler.google.client import Google
from scheduler.google.errors import (
    EventExists,
    GoogleError,
    NotAllowed,
    NotConnected,
    QuotaExceeded,
    RateLimited,
    Unreachable,
)
from tests.google.canned import (
    ENDPOINT,
    Canned,
    Clock,
    answer,
    credentials,
    google_at,
    page,
    refusal,
)
from tests.google.wsgi_http import WsgiHttp

EVENT = {"id": "abc123", "etag": '"1"'}


def read_event(google: Google) -> dict[str, object]:
    return google.execute(google.calendar.events().get(calendarId="loops", eventId="abc123"))


def insert_event(google: Google) -> dict[str, object]:
    return google.execute(google.calendar.events().insert(calendarId="loops", body={"id": "x"}))


@pytest.mark.parametrize(
    "trouble",
    [
        lambda: refusal(403, "rateLimitExceeded", domain="usageLimits"),
        lambda: refusal(403, "userRateLimitExceeded", domain="usageLimits"),
        lambda: refusal(429, "rateLimitExceeded", domain="usageLimits"),
        lambda: refusal(500, "backendError"),
        lambda: refusal(503, "backendError"),
        lambda: page(502),
        lambda: page(200),
        lambda: page(404),
        lambda: answer(""),
        lambda: answer('{"id": "abc123", "etag'),
        lambda: answer(b'{"id": "\xff"}'),
        lambda: answer([EVENT]),
        lambda: answer("null"),
        lambda: answer({}),
        lambda: answer("", 302, Location="http://elsewhere.test/"),
    ],
)
def test_what_may_pass_is_tried_again(trouble: Callable[[], Response]) -> None:
    app = Canned([trouble(), answer(EVENT)])
    assert read_event(google_at(app)) == EVENT
    assert len(app.asked) == 2


@pytest.mark.parametrize(
    "status_and_reason",
    [
        (400, "invalid"),
        (403, "forbidden"),
        (403, "quotaExceeded"),
        (403, "insufficientPermissions"),
        (404, "notFound"),
        (409, "duplicate"),
        (410, "fullSyncRequired"),
        (412, "conditionNotMet"),
    ],
)
def test_a_decided_answer_is_final_at_once(status_and_reason: tuple[int, str]) -> None:
    app = Canned([refusal(*status_and_reason)])
    clock = Clock()
    with pytest.raises(GoogleError) as error:
        read_event(google_at(app, clock))
    assert error.value.reason == status_and_reason[1]
    assert len(app.asked) == 1
    assert clock.slept == []


def test_the_fifth_try_is_the_last() -> None:
    app = Canned([refusal(503, "backendError") for _ in range(9)])
    with pytest.raises(Unreachable):
        read_event(google_at(app))
    assert len(app.asked) == client.MOST_TRIES


@pytest.mark.parametrize(("luck", "slept"), [(1.0, [0.5, 1, 2, 4]), (0.5, [0.25, 0.5, 1, 2])])
def test_waits_grow_and_are_drawn_by_lot(luck: float, slept: list[float]) -> None:
    clock = Clock()
    app = Canned([*(refusal(503, "backendError") for _ in range(4)), answer(EVENT)])
    read_event(google_at(app, clock, luck=luck))
    assert clock.slept == slept


def test_google_is_given_the_time_it_asks_for() -> None:
    clock = Clock()
    limited = refusal(429, "rateLimitExceeded", domain="usageLimits", Retry_After="6")
    read_event(google_at(Canned([limited, answer(EVENT)]), clock, luck=0.5))
    assert clock.slept == [6.25]


def test_a_longer_wait_than_we_have_is_left_to_the_caller() -> None:
    clock = Clock()
    app = Canned([refusal(429, "rateLimitExceeded", Retry_After="120")])
    with pytest.raises(RateLimited) as error:
        read_event(google_at(app, clock))
    assert error.value.retry_after == timedelta(minutes=2)
    assert clock.slept == []


def test_no_try_begins_after_the_deadline() -> None:
    clock = Clock()

    class Slow(WsgiHttp):
        def request(self, uri: str, *args: object, **more: object):  # type: ignore[no-untyped-def]
            if "/token" not in uri:
                clock.now += 9
                raise TimeoutError("timed out")
            return super().request(uri, *args, **more)  # type: ignore[arg-type]

    app = Canned([])
    with pytest.raises(Unreachable):
        read_event(google_at(app, clock, http=Slow(app)))
    assert clock.now < 2 * 9 + client.DEADLINE.total_seconds()
    assert len(clock.slept) == 1


def test_an_insert_whose_answer_was_lost_turns_out_to_exist() -> None:
    app = Canned([page(200), refusal(409, "duplicate")])
    with pytest.raises(EventExists):
        insert_event(google_at(app))


def test_a_used_up_quota_is_not_asked_again() -> None:
    app = Canned([refusal(403, "quotaExceeded", domain="usageLimits")])
    with pytest.raises(QuotaExceeded):
        insert_event(google_at(app))


def test_a_calendar_is_not_made_twice_after_an_unknown_outcome() -> None:
    app = Canned([page(200)])
    with pytest.raises(Unreachable):
        CalendarGateway(google_at(app)).make_calendar("Interviews", ZoneInfo("UTC"), "")
    assert len(app.asked) == 1


def test_what_must_not_be_repeated_begins_on_a_fresh_connection() -> None:
    app = Canned([answer(EVENT), answer({"id": "c1@group.calendar"})])
    http = WsgiHttp(app)
    google = google_at(app, http=http)
    read_event(google)
    assert http.times_closed == 0
    CalendarGateway(google).make_calendar("Interviews", ZoneInfo("UTC"), "")
    assert http.times_closed == 1


def test_a_calendar_that_was_certainly_not_made_is_asked_for_again() -> None:
    app = Canned([refusal(429, "rateLimitExceeded"), answer({"id": "c1@group.calendar"})])
    gateway = CalendarGateway(google_at(app))
    assert gateway.make_calendar("Interviews", ZoneInfo("UTC"), "") == "c1@group.calendar"


@pytest.mark.parametrize("nonsense", [page(200), answer('{"id": "x"}')])
def test_a_deletion_is_believed_only_without_a_body(nonsense: Response) -> None:
    app = Canned([nonsense, Response(status=204)])
    request = google_at(app).calendar.events().delete(calendarId="loops", eventId="abc123")
    google_at(app).execute_without_answer(request)
    assert len(app.asked) == 2


def test_an_expired_token_is_renewed_and_the_request_sent_again() -> None:
    app = Canned([refusal(401, "authError"), answer(EVENT)])
    clock = Clock()
    assert read_event(google_at(app, clock)) == EVENT
    assert app.asked[0].endswith("Bearer token-1")
    assert app.asked[1].endswith("Bearer token-2")
    assert clock.slept == []


def test_a_second_refusal_of_a_new_token_means_not_connected() -> None:
    app = Canned([refusal(401, "authError"), refusal(401, "authError")])
    with pytest.raises(NotConnected):
        read_event(google_at(app))


def test_a_scope_that_is_missing_is_no_lost_connection() -> None:
    with pytest.raises(NotAllowed):
        read_event(google_at(Canned([refusal(403, "insufficientPermissions")])))


def test_the_endpoint_may_be_given_without_its_last_slash() -> None:
    app = Canned([answer(EVENT)])
    http = WsgiHttp(app)
    google = Google(ENDPOINT.rstrip("/"), credentials, http_factory=lambda: http)
    read_event(google)
    assert http.sent[-1].path == "/calendar/v3/calendars/loops/events/abc123"


def test_every_thread_has_a_connection_of_its_own() -> None:
    made: list[WsgiHttp] = []
    app = Canned([answer(EVENT) for _ in range(6)])

    def new() -> WsgiHttp:
        made.append(WsgiHttp(app))
        return made[-1]

    google = Google(ENDPOINT, credentials, http_factory=new)
    made.clear()

    def twice() -> None:
        read_event(google)
        read_event(google)

    threads = [threading.Thread(target=twice) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 3
    events = [[sent for sent in http.sent if sent.path != "/token"] for http in made]
    assert [len(sent) for sent in events] == [2, 2, 2]
    assert app.tokens_given == 1


def test_the_client_is_built_without_asking_anybody() -> None:
    def nobody() -> httplib2.Http:
        class Deaf(httplib2.Http):
            def request(self, *_: object, **__: object) -> None:
                raise AssertionError("nothing may be asked")

        return Deaf()

    Google(ENDPOINT, credentials, http_factory=nobody)
