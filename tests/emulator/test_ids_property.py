"""Ids over random inserts and deletes: unique per calendar, and never free again.

"the ID must be unique per calendar"; a deleted id stays taken, also one that a guest's copy has used.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.emulator.conftest import DANA, FEMI, SCHEDULING, meeting
from tests.emulator.wire import Wire

OWNERS = (SCHEDULING, DANA, FEMI)
IDS = st.sampled_from(["event0", "event1"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["insert", "insert", "delete"]),
        st.sampled_from(OWNERS),
        IDS,
        st.lists(st.sampled_from(OWNERS), max_size=2, unique=True),
    ),
    max_size=16,
)


@examples(max_examples=30, deadline=None)
@given(steps=STEPS)
def test_an_id_is_taken_for_ever(steps: list[tuple[str, str, str, list[str]]]) -> None:
    google = Wire()
    taken: set[tuple[str, str]] = set()
    for step, owner, event, guests in steps:
        if step == "delete":
            google.ask(owner, "DELETE", f"primary/events/{event}")
            continue
        body = meeting(id=event, attendees=[{"email": guest} for guest in guests])
        status, answer = google.ask(owner, "POST", "primary/events", body)
        if (owner, event) in taken:
            reason = answer["error"]["errors"][0]["reason"]
            assert (status, reason) == (409, "duplicate")
        else:
            assert status == 200
            taken |= {(who, event) for who in (owner, *guests)}
    for owner in OWNERS:
        for event in ("event0", "event1"):
            found = google.ask(owner, "GET", f"primary/events/{event}")[0] == 200
            assert found == ((owner, event) in taken)
    google.close()
