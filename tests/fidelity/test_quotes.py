"""A check may not be named by a sentence that Google has not written."""

from __future__ import annotations

import pytest

from tests.fidelity.quotes import NotInTheDocument, fidelity, said


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("calendar.events.delete", "Deletes an event."),
        ("calendar.events.insert.conferenceDataVersion", "ignores conference data in the event's body"),
        ("calendar.events.patch.sendUpdates", "Notifications are sent to non-Google Calendar guests only."),
        ("Event.reminders.overrides", "The maximum number of override reminders is 5."),
        ("Space.meetingUri", "URI used to join meetings"),
    ],
)  # fmt: skip
def test_a_sentence_is_found_where_it_stands(source: str, sentence: str) -> None:
    assert sentence in " ".join(said(source).split())
    assert fidelity(source, sentence).mark.args == (source, sentence)


@pytest.mark.parametrize(
    "source",
    ["calendar.events.delete", "calendar.events.erase", "calendar.events.delete.force", "Event.titel", "Evnt"],
)  # fmt: skip
def test_a_sentence_or_a_place_of_our_own_is_refused(source: str) -> None:
    with pytest.raises(NotInTheDocument):
        fidelity(source, "Erases an event, and nobody will ever know.")
