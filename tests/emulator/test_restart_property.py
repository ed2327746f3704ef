"""A restart in the middle of any story changes nothing that anybody can see."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.emulator.conftest import SCHEDULING
from tests.emulator.stories import GUESTS, Step, stories, tell
from tests.emulator.wire import Wire

BY_CHANCE = {
    "code": r"[a-z]{3}-[a-z]{4}-[a-z]{3}",
    "pin": r'(?<="pin": ")\d+|(?<=pin=)\d+',
    "signature": r'(?<="signature": ")[^"]+',
}
"""What no two worlds have in common."""


@examples(max_examples=15, deadline=None)
@given(story=stories(12), share=st.floats(0, 1), latency=st.sampled_from([0, 10]))
def test_a_story_with_a_restart_ends_as_one_without(
    story: list[Step], share: float, latency: int
) -> None:
    at = round(share * len(story))
    assert _lived(story, latency, at, with_restart=True) == _lived(
        story, latency, at, with_restart=False
    )


def _lived(story: list[Step], latency: int, at: int, *, with_restart: bool) -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        google = Wire(Path(folder) / "google.sqlite")
        google.set_conference(latency=latency)
        places = {who: _place(google, who) for who in (SCHEDULING, *GUESTS)}
        told = [tell(google, step) for step in story[:at]]
        before = _seen(google, places)
        if with_restart:
            google.restart()
            assert _seen(google, places) == before
        told += [tell(google, step) for step in story[at:]]
        ended = _seen(google, places)
        google.close()
    return [told, json.loads(_without_chance(json.dumps(ended)))]


def _seen(google: Wire, places: dict[str, str]) -> list[Any]:
    """Return everybody's calendar, what a sync from the beginning brings, and all mails."""
    google.tick = timedelta(0)
    found: list[Any] = []
    for who, place in places.items():
        found.append(google.listed(who))
        found.append(google.listed(who, syncToken=place))
    google.tick = Wire.tick
    return [*found, [(mail["to"], mail["subject"]) for mail in google.google.outbox()]]


def _place(google: Wire, who: str) -> str:
    read = google.done(who, "GET", "primary/events", maxResults=1)
    return str(read["nextSyncToken"])


def _without_chance(text: str) -> str:
    """Return the text with each random value replaced by the place of its first appearance."""
    for name, pattern in BY_CHANCE.items():
        known: dict[str, str] = {}
        text = re.sub(
            pattern,
            lambda match, name=name, known=known: known.setdefault(  # type: ignore[misc]
                match[0], f"{name}{len(known)}"
            ),
            text,
        )
    return text
