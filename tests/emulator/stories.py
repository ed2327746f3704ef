"""Random writes by an organizer and their guests, each told as one step of a story.

A step is a tuple of texts and numbers, so that a failing story reads like one. Whatever the emulator refuses
(a patch of what is deleted, an answer without an invitation) it refuses; a story goes on.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.emulator.conftest import ADA, DANA, FEMI, SCHEDULING, STRANGER, meeting, wish
from tests.emulator.wire import Wire

Step = tuple[Any, ...]

EVENTS = ("event0", "event1")
GUESTS = (ADA, DANA, FEMI)
"""Those with an account, thus with a calendar; STRANGER is invited, too."""

_EVENT = st.sampled_from((EVENTS[0], *EVENTS))
_GUEST = st.sampled_from(GUESTS)
_WORD = st.sampled_from(["tea", "plum", "kite"])
_SOME = st.lists(st.sampled_from([*GUESTS, STRANGER]), max_size=3, unique=True).map(tuple)
_DAY = st.integers(24, 27)

_MOVE = st.tuples(st.just("move"), _EVENT, _DAY)
_ANSWER = st.tuples(
    st.just("answer"), _GUEST, _EVENT, st.sampled_from(["accepted", "declined", "tentative"])
)
STEPS = st.one_of(
    *[_MOVE, _ANSWER] * 2,
    st.tuples(st.just("insert"), _EVENT, _SOME, st.booleans()),
    st.tuples(st.just("rename"), _EVENT, _WORD),
    st.tuples(st.just("invite"), _EVENT, _SOME),
    st.tuples(st.just("hide"), _EVENT, st.booleans()),
    st.tuples(st.just("tag"), _EVENT, st.sampled_from(["private", "shared"]), _WORD),
    st.tuples(st.just("remind"), st.sampled_from([SCHEDULING, *GUESTS]), _EVENT, st.integers(0, 60)),
    st.tuples(st.just("color"), st.sampled_from([SCHEDULING, *GUESTS]), _EVENT, st.sampled_from("12")),
    st.tuples(st.just("room"), _EVENT, _WORD),
    st.tuples(st.just("delete"), _EVENT),
    st.tuples(st.just("restore"), _EVENT),
    st.tuples(st.just("note"), _GUEST, _EVENT, _WORD),
)  # fmt: skip


def stories(most: int) -> st.SearchStrategy[list[Step]]:
    """Return stories that begin with an invitation and go on with so many steps, or half of them."""
    guests = st.lists(st.sampled_from(GUESTS), min_size=1, unique=True).map(tuple)
    beginning = st.tuples(st.just("insert"), st.just(EVENTS[0]), guests, st.booleans())
    rest = st.lists(STEPS, min_size=most // 2, max_size=most)
    return st.builds(lambda first, steps: [first, *steps], beginning, rest)


def tell(google: Wire, step: Step) -> int:
    """Do one step over HTTP, as a client would that keeps the answers it has read; return the status."""
    match step:
        case "insert", event, guests, is_hidden:
            return google.ask(
                SCHEDULING,
                "POST",
                "primary/events",
                meeting(
                    id=event,
                    attendees=[{"email": guest} for guest in guests],
                    guestsCanSeeOtherGuests=not is_hidden,
                ),
                sendUpdates="all",
            )[0]
        case "rename", event, word:
            return _patch(google, SCHEDULING, event, {"summary": word})
        case "move", event, day:
            return _patch(google, SCHEDULING, event, _on(day))
        case "invite", event, guests:
            known = {guest["email"]: guest for guest in _guests(google, event)}
            wanted = [known.get(guest, {"email": guest}) for guest in guests]
            return _patch(google, SCHEDULING, event, {"attendees": wanted})
        case "hide", event, is_hidden:
            return _patch(google, SCHEDULING, event, {"guestsCanSeeOtherGuests": not is_hidden})
        case "tag", event, kind, word:
            tags = {kind: {"word": word}}
            return _patch(google, SCHEDULING, event, {"extendedProperties": tags})
        case "remind", who, event, minutes:
            override = {"method": "popup", "minutes": minutes}
            reminders = {"useDefault": False, "overrides": [override]}
            return _patch(google, who, event, {"reminders": reminders})
        case "color", who, event, color:
            return _patch(google, who, event, {"colorId": color})
        case "room", event, word:
            return _patch(google, SCHEDULING, event, {"conferenceData": wish(word)})
        case "delete", event:
            return google.ask(SCHEDULING, "DELETE", f"primary/events/{event}", sendUpdates="all")[0]
        case "restore", event:
            return _patch(google, SCHEDULING, event, {"status": "confirmed"})
        case "answer", guest, event, response:
            mine = {"email": guest, "responseStatus": response}
            return _patch(google, guest, event, {"attendees": [mine], "attendeesOmitted": True})
        case "note", guest, event, word:
            tags = {"private": {"note": word}}
            return _patch(google, guest, event, {"extendedProperties": tags})
    raise NotImplementedError(step)


def _patch(google: Wire, who: str, event: str, change: dict[str, Any]) -> int:
    path = f"primary/events/{event}"
    return google.ask(who, "PATCH", path, change, conferenceDataVersion=1, sendUpdates="all")[0]


def _guests(google: Wire, event: str) -> list[Any]:
    status, read = google.ask(SCHEDULING, "GET", f"primary/events/{event}")
    return list(read.get("attendees", ())) if status == 200 else []


def _on(day: int) -> dict[str, Any]:
    return {
        "start": {"dateTime": f"2026-11-{day}T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": f"2026-11-{day}T10:45:00+01:00", "timeZone": "Europe/Berlin"},
    }
