"""At any moment of any story every guest holds the organizer's event, as the reference says a guest sees it.

"The event you create appears on all the primary Google Calendars of the attendees you included with the same
event ID." Private properties are "private to the copy of the event that appears on this calendar"; with
`guestsCanSeeOtherGuests` false a guest finds only themselves.
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import settings as examples

from tests.emulator.conftest import SCHEDULING, STRANGER
from tests.emulator.stories import EVENTS, GUESTS, Step, stories, tell
from tests.emulator.wire import Wire

Event = dict[str, Any]

PERSONAL = ("reminders", "colorId")
"""Each guest's own, besides private properties."""

OF_THE_COPY = ("etag", "updated", "htmlLink")
"""What belongs to a copy, not to the event."""


@examples(max_examples=25, deadline=None)
@given(story=stories(14))
def test_each_copy_is_the_organizers_event_through_the_guests_eyes(story: list[Step]) -> None:
    google = Wire()
    google.set_conference(latency=0)
    model = Model()
    for step in story:
        if tell(google, step) // 100 == 2:
            model.note(step)
        for event in set(EVENTS) & set(step):
            _compare(google, model, event)
    google.close()


def _compare(google: Wire, model: Model, event: str) -> None:
    """Look at an event through everybody's eyes."""
    status, master = google.ask(SCHEDULING, "GET", f"primary/events/{event}")
    if status == 404:
        assert all(_read(google, guest, event) is None for guest in GUESTS)
        return
    answers = {each["email"]: each["responseStatus"] for each in master.get("attendees", ())}
    assert answers == model.answers[event]
    for guest in GUESTS:
        copy = _read(google, guest, event)
        if guest in answers and master["status"] != "cancelled":
            assert copy is not None
            seen = _seen_by(guest, master, model.own.get((guest, event), {}))
            assert _without(copy, *OF_THE_COPY) == _without(seen, *OF_THE_COPY)
        elif guest in model.invited[event]:
            assert copy is not None
            assert copy["status"] == "cancelled"
        else:
            assert copy is None
        if copy and master.get("guestsCanSeeOtherGuests") is False:
            text = google.bytes_of(guest, f"primary/events/{event}").decode()
            assert not [other for other in (*GUESTS, STRANGER) if other != guest and other in text]


class Model:
    """Who was ever invited, who answered what, and what guests keep on their own copies."""

    def __init__(self) -> None:
        self.invited: dict[str, set[str]] = {event: set() for event in EVENTS}
        self.answers: dict[str, dict[str, str]] = {event: {} for event in EVENTS}
        self.own: dict[tuple[str, str], Event] = {}
        self._days: dict[str, int] = dict.fromkeys(EVENTS, 24)

    def note(self, step: Step) -> None:
        match step:
            case ("insert", event, guests, _) | ("invite", event, guests):
                answers = self.answers[event]
                self.answers[event] = {g: answers.get(g, "needsAction") for g in guests}
                self.invited[event] |= set(guests)
            case "move", event, day:
                if day != self._days[event]:
                    self.answers[event] = dict.fromkeys(self.answers[event], "needsAction")
                self._days[event] = day
            case "answer", guest, event, response:
                self.answers[event][guest] = response
            case "note", guest, event, word:
                self._keep(guest, event)["private"] = {"note": word}
            case "remind", guest, event, minutes:
                override = {"method": "popup", "minutes": minutes}
                self._keep(guest, event)["reminders"] = {
                    "useDefault": False,
                    "overrides": [override],
                }
            case "color", guest, event, color:
                self._keep(guest, event)["colorId"] = color

    def _keep(self, guest: str, event: str) -> Event:
        return self.own.setdefault((guest, event), {})


def _seen_by(guest: str, master: Event, own: Event) -> Event:
    view = _without(master, *PERSONAL, "extendedProperties")
    view["reminders"] = own.get("reminders", {"useDefault": True})
    view |= {"colorId": own["colorId"]} if "colorId" in own else {}
    shared = master.get("extendedProperties", {}).get("shared")
    properties = {"shared": shared, "private": own.get("private")}
    if any(properties.values()):
        view["extendedProperties"] = {kind: values for kind, values in properties.items() if values}
    is_hidden = master.get("guestsCanSeeOtherGuests") is False
    view["attendees"] = [
        {**each, "self": True} if each["email"] == guest else each
        for each in master["attendees"]
        if each["email"] == guest or not is_hidden
    ]
    return view | {name: _without(master[name], "self") for name in ("creator", "organizer")}


def _read(google: Wire, who: str, event: str) -> Event | None:
    status, read = google.ask(who, "GET", f"primary/events/{event}")
    return read if status == 200 else None


def _without(event: Event, *names: str) -> Event:
    return {name: value for name, value in event.items() if name not in names}
