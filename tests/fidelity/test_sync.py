"""Following changes: sync tokens, and notifications, as both official clients see them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from scheduler.emulator.server import Emulator
from tests.emulator.conftest import DANA, SCHEDULING, Clock, meeting
from tests.fidelity.clients import Official, Refusal, SignedIn
from tests.fidelity.quotes import fidelity

DELIVERED_WITHIN_SECONDS = 20


@pytest.fixture
def me(official: SignedIn) -> Official:
    return official(SCHEDULING)


def added(me: Official, **changed: Any) -> dict[str, Any]:
    event: dict[str, Any] = me("events.insert", calendarId="primary", body=meeting(**changed))
    return event


def token_of(me: Official, **params: Any) -> str:
    return str(me.pages("events.list", calendarId="primary", **params)[-1]["nextSyncToken"])


def changes(me: Official, token: str, **params: Any) -> dict[str, Any]:
    page: dict[str, Any] = me("events.list", calendarId="primary", syncToken=token, **params)
    return page


@fidelity(
    "calendar.events.list.syncToken",
    "It makes the result of this list request contain only entries that have changed since then.",
)
def test_a_token_leads_to_what_has_changed(me: Official) -> None:
    added(me)
    known = added(me)
    token = token_of(me)
    assert changes(me, token)["items"] == []
    new = added(me)
    me("events.patch", calendarId="primary", eventId=known["id"], body={"summary": "x"})
    page = changes(me, token)
    assert {each["id"] for each in page["items"]} == {new["id"], known["id"]}
    assert changes(me, page["nextSyncToken"])["items"] == []


@fidelity(
    "calendar.events.list.syncToken",
    "All events deleted since the previous list request will always be in the result set and it is not allowed to set showDeleted to False.",
)
def test_what_was_deleted_comes_as_cancelled(me: Official) -> None:
    event = added(me)
    token = token_of(me)
    me("events.delete", calendarId="primary", eventId=event["id"])
    assert [(each["id"], each["status"]) for each in changes(me, token)["items"]] == [
        (event["id"], "cancelled")
    ]
    with pytest.raises(Refusal) as refused:
        changes(me, token, showDeleted=False)
    assert refused.value.status == 400


@fidelity(
    "Events.nextSyncToken",
    "Omitted if further results are available, in which case nextPageToken is provided.",
)
def test_changes_come_in_pages(me: Official) -> None:
    token = token_of(me)
    wanted = {added(me)["id"] for _ in range(3)}
    pages = me.pages("events.list", calendarId="primary", syncToken=token, maxResults=2)
    assert {each["id"] for page in pages for each in page["items"]} == wanted
    assert ["nextSyncToken" in page for page in pages] == [False, True]


@fidelity(
    "calendar.events.list.syncToken",
    "If the syncToken expires, the server will respond with a 410 GONE response code",
)
@fidelity("Guide: errors", "410: Sync token is no longer valid, a full sync is required.")
def test_an_expired_token_is_gone(me: Official, google: Emulator) -> None:
    token = token_of(me)
    google.expire_sync_tokens()
    with pytest.raises(Refusal) as refused:
        changes(me, token)
    assert (refused.value.status, refused.value.reason) == (410, "fullSyncRequired")
    assert refused.value.message == "Sync token is no longer valid, a full sync is required."


@fidelity(
    "calendar.events.list.syncToken",
    "There are several query parameters that cannot be specified together with nextSyncToken to ensure consistency of the client state.",
)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iCalUID", "a@google.com"), ("orderBy", "updated"), ("q", "x"),
        ("privateExtendedProperty", ["a=b"]), ("sharedExtendedProperty", ["a=b"]),
        ("timeMin", "2026-11-24T00:00:00Z"), ("timeMax", "2026-11-24T00:00:00Z"),
        ("updatedMin", "2026-11-22T00:00:00Z"),
    ],
)  # fmt: skip
def test_what_a_token_cannot_be_combined_with(me: Official, name: str, value: Any) -> None:
    token = token_of(me)
    with pytest.raises(Refusal) as refused:
        changes(me, token, **{name: value})
    assert refused.value.status == 400


@fidelity(
    "calendar.events.list.updatedMin",
    "entries deleted since this time will always be included regardless of showDeleted",
)
def test_a_time_instead_of_a_token(me: Official, now: Clock) -> None:
    added(me)
    now.advance(timedelta(minutes=5))
    event = added(me)
    me("events.delete", calendarId="primary", eventId=event["id"])
    found = me("events.list", calendarId="primary", updatedMin="2026-11-23T08:03:00Z")["items"]
    assert [(each["id"], each["status"]) for each in found] == [(event["id"], "cancelled")]


@fidelity(
    "Guide: sync",
    "A guest's calendar changes with the organizer's event, and its own token says so",
)
def test_a_guest_s_own_token(me: Official, official: SignedIn) -> None:
    dana = official(DANA)
    token = token_of(dana)
    event = added(me, attendees=[{"email": DANA}])
    assert [each["id"] for each in changes(dana, token)["items"]] == [event["id"]]


# -- notifications


class Receiver:
    """A web hook on loopback that keeps the heads of what comes."""

    def __init__(self) -> None:
        self.heard: queue.Queue[dict[str, str]] = queue.Queue()
        heard = self.heard

        class Hook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the library's name
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                heard.put({**{k.lower(): v for k, v in self.headers.items()}, "": body.decode()})
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    @property
    def address(self) -> str:
        return f"http://localhost:{self._server.server_port}/hook"

    def next(self) -> dict[str, str]:
        return self.heard.get(timeout=DELIVERED_WITHIN_SECONDS)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


Watch = Callable[..., dict[str, Any]]


@pytest.fixture
def watch(me: Official, receiver: Receiver) -> Watch:
    """Watch the primary calendar with the receiver."""

    def start(**changed: Any) -> dict[str, Any]:
        body = {"id": "channel-1", "type": "web_hook", "address": receiver.address, **changed}
        channel: dict[str, Any] = me("events.watch", calendarId="primary", body=body)
        return channel

    return start


@fidelity("calendar.events.watch", "Watch for changes to Events resources.")
@fidelity("Guide: push", "The first message of a channel has the state sync; changes have exists")
@fidelity(
    "Channel.token",
    "An arbitrary string delivered to the target address with each notification delivered over this channel.",
)
def test_a_change_rings(me: Official, receiver: Receiver, watch: Watch) -> None:
    channel = watch(token="s3cret")
    first = receiver.next()
    added(me)
    second = receiver.next()
    assert (first["x-goog-resource-state"], second["x-goog-resource-state"]) == ("sync", "exists")
    assert first["x-goog-message-number"] == "1"
    assert int(second["x-goog-message-number"]) > 1
    for heard in (first, second):
        assert heard["x-goog-channel-id"] == "channel-1"
        assert heard["x-goog-channel-token"] == "s3cret"
        assert heard["x-goog-resource-id"] == channel["resourceId"]
        assert heard["x-goog-resource-uri"] == channel["resourceUri"]
        assert heard[""] == ""


@fidelity("calendar.channels.stop", "Stop watching resources through this channel")
def test_a_stopped_channel_is_silent(me: Official, receiver: Receiver, watch: Watch) -> None:
    channel = watch()
    assert receiver.next()["x-goog-resource-state"] == "sync"
    stop = {"id": channel["id"], "resourceId": channel["resourceId"]}
    assert me.ask("channels.stop", body=stop).status == 204
    added(me)
    watch(id="channel-2")
    assert receiver.next()["x-goog-channel-id"] == "channel-2"
    with pytest.raises(Refusal) as refused:
        me("channels.stop", body=stop)
    assert refused.value.status == 404


@fidelity("Channel.expiration", "expressed as a Unix timestamp, in milliseconds")
def test_a_channel_ends(watch: Watch, now: Clock) -> None:
    wished = int((now() + timedelta(hours=1)).timestamp() * 1000)
    assert watch(expiration=str(wished))["expiration"] == str(wished)
    assert int(watch(id="channel-2")["expiration"]) > wished


@fidelity("Channel.id", "A UUID or similar unique string that identifies this channel.")
def test_an_id_is_for_one_channel(watch: Watch) -> None:
    watch()
    with pytest.raises(Refusal) as refused:
        watch()
    assert (refused.value.status, refused.value.reason) == (400, "channelIdNotUnique")
