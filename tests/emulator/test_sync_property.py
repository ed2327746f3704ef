"""A client that follows sync tokens ends with the same calendar as one that reads it all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from scheduler.emulator.server import Emulator, create_emulator
from tests.emulator.conftest import ADA, DANA, SCHEDULING, Clock, meeting, settings
from tests.emulator.schemas import checked

Ask = Callable[..., Any]
DAYS = (23, 24, 25)
LOW = "2026-11-24T12:00:00Z"
READINGS: dict[str, dict[str, Any]] = {
    "events": {},
    "instances": {"singleEvents": "true"},
    "a range of events": {"timeMin": LOW, "timeMax": "2026-12-01T00:00:00Z"},
    "a range of instances": {"timeMin": LOW, "singleEvents": "true"},
}
RULES = ("RRULE:FREQ=DAILY;COUNT=4", "RRULE:FREQ=MONTHLY", "RRULE:FREQ=WEEKLY;COUNT=2")
KINDS = (
    "insert", "insert series", "rename", "reschedule", "change rule", "change instance", "delete",
    "delete instance", "invite", "answer", "move away", "look ahead", "sync",
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 2)), max_size=20
)


@dataclass
class Reader:
    """Somebody who keeps a mirror of a calendar by following tokens, a few events a page."""

    who: str
    query: dict[str, Any]
    mirror: dict[str, Any] = field(default_factory=dict)
    token: str | None = None

    def follow(self, ask: Ask, size: int, between: Callable[[], None]) -> None:
        """Sync once; `between` runs after the first page."""
        fixed = {name: value for name, value in self.query.items() if name == "singleEvents"}
        page_token = None
        for number in range(1000):
            start = {**fixed, "syncToken": self.token} if self.token else self.query
            page = ask(self.who, "GET", "", maxResults=size, **start, **({"pageToken": page_token} if page_token else {}))  # fmt: skip
            for event in page["items"]:
                self.mirror.pop(event["id"], None)
                if event["status"] != "cancelled":
                    self.mirror[event["id"]] = event
            if "nextSyncToken" in page:
                assert "nextPageToken" not in page
                self.token = page["nextSyncToken"]
                return
            page_token = page["nextPageToken"]
            if number == 0:
                between()
        raise AssertionError("the pages do not end")

    def known(self) -> dict[str, Any]:
        """Return the mirror; what has left the range that was read is known, but not asked for."""
        if "timeMin" not in self.query:
            return self.mirror
        high = self.query.get("timeMax", "9")
        return {
            name: event
            for name, event in self.mirror.items()
            if event["start"]["dateTime"] < high
            and (event["end"]["dateTime"] > LOW or "recurrence" in event)
        }


@pytest.mark.parametrize("reading", READINGS)
@examples(max_examples=25, deadline=None)
@given(steps=STEPS)
@example(steps=[("insert series", 0, 1), ("sync", 3, 0), ("look ahead", 0, 1)])
def test_following_tokens_gives_the_full_list(
    reading: str, steps: list[tuple[str, int, int]]
) -> None:
    app = checked(create_emulator(settings(), Clock()))
    google: Emulator = app.extensions["emulator"]
    http = app.test_client()
    tokens = {who: google.issue_access_token(who, ["calendar"]) for who in (SCHEDULING, ADA)}

    def ask(who: str, method: str, path: str, body: Any = None, **query: Any) -> Any:
        head = {"Authorization": f"Bearer {tokens[who]}"}
        url = f"/calendar/v3/calendars/primary/events{path}"
        return http.open(url, method=method, json=body, headers=head, query_string=query).json

    head = {"Authorization": f"Bearer {tokens[SCHEDULING]}"}
    made: Any = http.post("/calendar/v3/calendars", json={"summary": "Other"}, headers=head).json
    act = partial(take, ask=ask, google=google, elsewhere=made["id"])
    readers = [Reader(who, READINGS[reading]) for who in tokens]
    for step, number, size in [*steps, ("sync", 3, 1)]:
        if step == "sync":
            for reader in readers:
                reader.follow(ask, size + 1, partial(act, "rename", number, size))
        else:
            act(step, number, size)
    for reader in readers:
        # A write came between the pages of the last sync: it is told by the next one.
        reader.follow(ask, 2500, lambda: None)
        whole = ask(reader.who, "GET", "", maxResults=2500, **reader.query)
        live = {e["id"]: e for e in whole["items"] if e["status"] != "cancelled"}
        assert reader.known() == live
    google.close()


def take(step: str, number: int, size: int, *, ask: Ask, google: Emulator, elsewhere: str) -> None:
    """Do one thing to the scheduling account's calendar; what is not possible is refused."""
    name = f"event{number}"
    if step == "insert":
        ask(SCHEDULING, "POST", "", meeting(id=name, attendees=[{"email": ADA}], **times(size)))
    elif step == "insert series":
        body = meeting(id=name, attendees=[{"email": ADA}], recurrence=[RULES[size]], **times(size))
        ask(SCHEDULING, "POST", "", body)
    elif step == "rename":
        ask(SCHEDULING, "PATCH", f"/{name}", {"summary": f"Title {size}"})
    elif step == "reschedule":
        ask(SCHEDULING, "PATCH", f"/{name}", times(size))
    elif step == "change rule":
        ask(SCHEDULING, "PATCH", f"/{name}", {"recurrence": [RULES[size]]})
    elif step == "change instance":
        ask(SCHEDULING, "PATCH", f"/{instance(name, size)}", times((size + 1) % 3))
    elif step == "delete instance":
        ask(SCHEDULING, "DELETE", f"/{instance(name, size)}")
    elif step == "invite":
        ask(SCHEDULING, "PATCH", f"/{name}", {"attendees": [{"email": ADA}, {"email": DANA}][:size]})  # fmt: skip
    elif step == "delete":
        ask(SCHEDULING, "DELETE", f"/{name}")
    elif step == "answer":
        google.rsvp(ADA, name, ("accepted", "declined", "tentative")[size])
    elif step == "look ahead":
        ask(SCHEDULING, "GET", "", singleEvents="true", timeMax=f"20{30 + size}-01-01T00:00:00Z")
    elif step == "move away":
        ask(SCHEDULING, "POST", f"/{name}/move", destination=elsewhere)


def times(number: int) -> dict[str, Any]:
    day = DAYS[number]
    return {
        side: {"dateTime": f"2026-11-{day}T1{hour}:00:00Z", "timeZone": "Etc/UTC"}
        for side, hour in (("start", 0), ("end", 1))
    }


def instance(name: str, number: int) -> str:
    return f"{name}_202611{DAYS[number] + 1}T100000Z"
