from __future__ import annotations

import base64

import pytest

from scheduler.domain.slots.slot import UnreadableSlotKey, slot_key, spans_of
from tests.domain.slots.cast import DANA, interview, lead, minutes, plan, span

LOOP = plan(interview("Coding", 45, lead(DANA)), interview("Design", 60, lead(DANA)))
SPANS = [span("2026-03-09", "10:00-10:45"), span("2026-03-09", "11:00-12:00")]


def key_for(text: str) -> str:
    return base64.b32encode(text.encode()).decode().rstrip("=").lower()


def test_a_key_leads_back_to_its_times() -> None:
    assert spans_of(slot_key(SPANS), LOOP) == SPANS


def test_other_times_have_another_key() -> None:
    assert slot_key(SPANS) != slot_key([SPANS[0], SPANS[1].moved(minutes(15))])


@pytest.mark.parametrize(
    "key",
    [
        "",
        "!",
        "not a key",
        "ünï",
        "a" * 400,
        key_for("zz"),
        key_for("1c-"),
        key_for("1c--3"),
        key_for("f" * 30 + "-3c"),
        key_for("fbbb8982-0"),  # the last half hour of the year 9999
        key_for("+1c12345-4b"),
        key_for("0x1c12345-4b"),
        slot_key(SPANS).upper(),
        slot_key(SPANS[:1]),
        slot_key([*SPANS, SPANS[1].moved(minutes(90))]),
    ],
)
def test_a_key_that_we_did_not_give_out_is_refused(key: str) -> None:
    with pytest.raises(UnreadableSlotKey):
        spans_of(key, LOOP)
