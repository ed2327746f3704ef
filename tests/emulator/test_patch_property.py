"""PATCH and PUT against a model of a page, over all fields that the reference calls writable.

patch: "The field values you specify replace the existing values. Fields that you don't specify in the
request remain unchanged. Array fields, if specified, overwrite the existing arrays." Objects merge and
null clears, as in any JSON merge patch. update: what is absent is cleared.
"""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.emulator.conftest import ADA, DANA, FEMI, SCHEDULING, STRANGER
from tests.emulator.wire import Wire

Event = dict[str, Any]

DEFAULTS: Event = {
    "status": "confirmed", "transparency": "opaque", "visibility": "default",
    "anyoneCanAddSelf": False, "guestsCanInviteOthers": True, "guestsCanModify": False,
    "guestsCanSeeOtherGuests": True, "reminders": {"useDefault": True}, "optional": False,
    "responseStatus": "needsAction", "sequence": 0,
}  # fmt: skip
""" "The default is …": a field that has its default and one that is missing say the same."""

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8
)
NAMES = st.sampled_from(["one", "two", "three"])
ALL_DAY: Event = {"start": {"date": "2026-11-24"}, "end": {"date": "2026-11-26"}}
TIMES = st.sampled_from(
    [
        {
            "start": {"dateTime": f"2026-11-{day}T10:00:00+01:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": f"2026-11-{day}T11:30:00+01:00", "timeZone": "Europe/Berlin"},
        }
        for day in (24, 25)
    ]
    + [
        ALL_DAY,
        {
            "start": {"dateTime": "2026-11-24T09:00:00Z", "timeZone": "UTC"},
            "end": {"dateTime": "2026-11-24T09:00:00Z", "timeZone": "UTC"},
        },
    ]
)
GUESTS = st.lists(
    st.fixed_dictionaries(
        {"email": st.sampled_from([ADA, DANA, FEMI, STRANGER])},
        optional={
            "displayName": TEXT, "optional": st.booleans(), "additionalGuests": st.integers(1, 3)
        },
    ),
    max_size=3,
    unique_by=lambda guest: str(guest["email"]),
)  # fmt: skip
REMINDERS = st.one_of(
    st.just({"useDefault": True, "overrides": []}),
    st.builds(
        lambda minutes: {
            "useDefault": False,
            "overrides": [{"method": "popup", "minutes": each} for each in minutes],
        },
        st.lists(st.integers(0, 40320), max_size=5, unique=True),
    ),
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "summary": TEXT,
    "description": TEXT,
    "location": TEXT,
    "colorId": st.sampled_from(["1", "11"]),
    "transparency": st.sampled_from(["opaque", "transparent"]),
    "visibility": st.sampled_from(["default", "public", "private"]),
    "anyoneCanAddSelf": st.booleans(),
    "guestsCanInviteOthers": st.booleans(),
    "guestsCanModify": st.booleans(),
    "guestsCanSeeOtherGuests": st.booleans(),
    "recurrence": st.sampled_from(
        [["RRULE:FREQ=WEEKLY;COUNT=3"], ["RRULE:FREQ=DAILY;COUNT=2", "RDATE;VALUE=DATE:20261201"]]
    ),
    "attendees": GUESTS,
    "attachments": st.lists(
        st.builds(lambda title: {"fileUrl": f"https://files.example/{title}", "title": title}, NAMES),
        max_size=2,
        unique_by=str,
    ),
    "source": st.fixed_dictionaries(
        {"url": st.just("https://jobs.example/7")}, optional={"title": TEXT}
    ),
}  # fmt: skip
STATUS = st.sampled_from(["confirmed", "tentative"])
READ_ONLY: Event = {
    "kind": "calendar#calendar", "created": "2001-01-01T00:00:00.000Z", "htmlLink": "https://x.example/",
    "creator": {"email": STRANGER}, "updated": "2001-01-01T00:00:00.000Z", "etag": '"1"',
}  # fmt: skip


def _properties(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    below = st.dictionaries(NAMES, values, max_size=3)
    return st.fixed_dictionaries({}, optional={"private": below, "shared": below})


WHOLE = st.builds(
    lambda times, rest: {**times, **rest},
    TIMES,
    st.fixed_dictionaries(
        {},
        optional={
            **FIELDS, "status": STATUS, "reminders": REMINDERS, "extendedProperties": _properties(TEXT)
        },
    ),
)  # fmt: skip
PARTS = st.builds(
    lambda times, rest, fixed: {**times, **rest, **fixed},
    st.one_of(st.just({}), TIMES),
    st.fixed_dictionaries(
        {},
        optional={
            **{name: st.one_of(st.none(), values) for name, values in FIELDS.items()},
            "status": STATUS,
            "reminders": st.one_of(st.none(), REMINDERS),
            "extendedProperties": st.one_of(
                st.none(), _properties(st.one_of(st.none(), TEXT))
            ),
        },
    ),
    st.sampled_from([{}, {}, READ_ONLY]),
)  # fmt: skip
WRITES = st.lists(
    st.one_of(
        st.tuples(st.just("PATCH"), PARTS, st.booleans()),
        st.tuples(st.just("PUT"), WHOLE, st.booleans()),
    ),
    max_size=5,
)


@examples(max_examples=40, deadline=None)
@example(
    first=ALL_DAY, writes=[("PATCH", {"extendedProperties": {"private": {"one": None}}}, False)]
)
@given(first=WHOLE, writes=WRITES)
def test_each_write_leaves_what_the_model_says(
    first: Event, writes: list[tuple[str, Event, bool]]
) -> None:
    google = Wire()
    made = google.done(
        SCHEDULING, "POST", "primary/events", {**first, "id": "model"}, supportsAttachments="true"
    )
    model = first
    _agree(google, made, model, sequence=0)
    kept = {
        name: made[name] for name in ("kind", "id", "iCalUID", "created", "creator", "htmlLink")
    }
    for method, body, with_files in writes:
        before, sequence = model, made["sequence"]
        # "In order to modify attachments the supportsAttachments request parameter should be set to true."
        said = {n: v for n, v in body.items() if n not in READ_ONLY} | (
            {} if with_files else {"attachments": before.get("attachments")}
        )
        model = _merged(before, said) if method == "PATCH" else said
        made = google.done(
            SCHEDULING,
            method,
            "primary/events/model",
            body,
            supportsAttachments="true" if with_files else "false",
        )
        _agree(google, made, model, sequence=sequence + _is_moved(before, model))
        assert {name: made[name] for name in kept} == kept
    google.close()


def _agree(google: Wire, answer: Event, model: Event, *, sequence: int) -> None:
    """Hold the answer of a write to the model, and what is stored to the answer."""
    fields = {*FIELDS, "start", "end", "status", "reminders", "extendedProperties"}
    assert _normal({name: answer.get(name) for name in fields}) == _normal(model)
    assert answer["sequence"] == sequence
    assert google.done(SCHEDULING, "GET", "primary/events/model") == answer
    assert google.listed(SCHEDULING) == [answer]


def _merged(stored: Event, patch: Event) -> Event:
    after = dict(stored)
    for name, value in patch.items():
        if isinstance(value, dict) and name not in ("start", "end"):
            after[name] = _merged(stored.get(name) or {}, value)
        else:
            after[name] = value
    return after


def _normal(value: Any) -> Any:
    """Leave out what says nothing: null, what is empty, what is a default anyway."""
    if isinstance(value, list):
        return [_normal(each) for each in value]
    if not isinstance(value, dict):
        return value
    short = {name: _normal(each) for name, each in value.items()}
    return {
        name: each
        for name, each in short.items()
        if each not in (None, [], {}) and each != DEFAULTS.get(name)
    }


def _is_moved(before: Event, after: Event) -> bool:
    """The sequence "rises on time changes" as iCalendar has it."""
    return any(before.get(name) != after.get(name) for name in ("start", "end", "recurrence"))
