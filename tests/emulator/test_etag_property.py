"""Etags over random stories: another one exactly when the resource is another, and a guard for every write.

"When updating an event, you can send the If-Match header"; an etag that is not the present one is refused with
412. Reminders are personal: "changing them does not also change the updated property".
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.emulator.conftest import SCHEDULING
from tests.emulator.stories import EVENTS, GUESTS, Step, stories, tell
from tests.emulator.wire import Wire

World = dict[tuple[str, str], dict[str, Any]]


@examples(max_examples=25, deadline=None)
@given(story=stories(10))
def test_an_etag_changes_exactly_when_its_event_does(story: list[Step]) -> None:
    google = Wire()
    google.set_conference(latency=0)
    before = _world(google)
    for step in story:
        tell(google, step)
        after = _world(google)
        for place, event in after.items():
            was = before.get(place, {})
            assert (event["etag"] == was.get("etag")) == (_content(event) == _content(was)), step
        before = after
    google.close()


@examples(max_examples=20, deadline=None)
@given(
    story=stories(8),
    method=st.sampled_from(["PATCH", "PUT", "DELETE"]),
    who=st.sampled_from([SCHEDULING, *GUESTS]),
)
def test_a_write_goes_through_with_the_present_etag_and_with_no_other(
    story: list[Step], method: str, who: str
) -> None:
    google = Wire()
    google.set_conference(latency=0)
    seen: list[str] = []
    for step in story:
        tell(google, step)
        status, event = google.ask(who, "GET", "primary/events/event0")
        if status == 200 and event["etag"] not in seen:
            seen.append(event["etag"])
    world = _world(google)
    change = {"colorId": "7"}
    # What a client would put that has read the event.
    whole = {**world.get((who, "event0"), {}), **change}
    body = {"PATCH": change, "PUT": whole, "DELETE": None}[method]
    for old in seen[:-1]:
        status, answer = google.ask(who, method, "primary/events/event0", body, if_match=old)
        reason = answer["error"]["errors"][0]["reason"]
        assert (status, reason) == (412, "conditionNotMet")
        assert _world(google) == world
    if seen and world[who, "event0"]["status"] != "cancelled":
        google.done(who, method, "primary/events/event0", body, if_match=seen[-1])
        assert _world(google)[who, "event0"] != world[who, "event0"]
    google.close()


def _world(google: Wire) -> World:
    """Return every event as everybody reads it on the own calendar."""
    found = {}
    for who in (SCHEDULING, *GUESTS):
        for event in EVENTS:
            status, read = google.ask(who, "GET", f"primary/events/{event}")
            if status == 200:
                found[who, event] = read
    return found


def _content(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name not in ("etag", "reminders")}
