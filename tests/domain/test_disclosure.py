from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain import disclosure
from scheduler.domain.booking import Rsvp
from scheduler.domain.calls import EventId, EventMarks, EventRole, RequestId
from scheduler.domain.disclosure import (
    AgendaItem,
    CandidateCall,
    CandidateEvent,
    CandidateGuest,
    ConferenceCopy,
    ConferenceRequest,
    ConfirmedPage,
    IdentityLeak,
    JoinUrl,
    LinkByHand,
    SealedPayload,
    agenda_text,
    public_text,
    refuse_mentions,
    release,
    withheld_for,
)
from scheduler.domain.timespan import TimeSpan

ADA = CandidateGuest(email="ada@candidate.example", name="Ada Quist")
DANA = ("Dana Ito", "dana@acme.example")  # interviews
JOSE = ("José Ruiz", "jose@acme.example")  # interviews
PANEL = withheld_for([DANA, JOSE], known=["Ada Quist", "Acme"])


def at(clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 11, 23, int(hour), int(minute), tzinfo=UTC)


ONSITE = CandidateEvent(
    event_id=EventId("0a1b2c"),
    marks=EventMarks("installation", "call", EventRole.CANDIDATE),
    title="Your on-site at Acme",
    agenda=(
        AgendaItem(title="System design", span=TimeSpan(at("09:00"), at("10:00"))),
        AgendaItem(title="Coding", span=TimeSpan(at("10:15"), at("11:15"))),
    ),
    notes="Bring a laptop.",
    location="",
    zone=ZoneInfo("Europe/Vienna"),
    conference=ConferenceRequest(RequestId("r1")),
    guest=ADA,
)


def test_the_candidate_gets_one_event_for_the_whole_call() -> None:
    body = release(ONSITE, PANEL).as_json()
    assert body["start"] == {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Europe/Vienna"}
    assert body["end"] == {"dateTime": "2026-11-23T12:15:00+01:00", "timeZone": "Europe/Vienna"}
    assert body["description"] == (
        "10:00–11:00  System design\n11:15–12:15  Coding\n(times in Europe/Vienna)\n\nBring a laptop."
    )
    assert body["attendees"] == [
        {"email": ADA.email, "displayName": ADA.name, "responseStatus": "needsAction"}
    ]


def test_the_payload_has_these_fields_and_no_other() -> None:
    assert set(release(ONSITE, PANEL).as_json()) == {
        *("id", "status", "summary", "description", "location", "start", "end", "attendees"),
        "attachments",
        *("guestsCanSeeOtherGuests", "guestsCanInviteOthers", "guestsCanModify", "visibility"),
        *("reminders", "extendedProperties", "conferenceData"),
    }


def test_guests_can_do_nothing_and_the_tags_are_private() -> None:
    body = release(ONSITE, PANEL).as_json()
    assert body["guestsCanSeeOtherGuests"] is False
    assert body["guestsCanInviteOthers"] is False
    assert body["guestsCanModify"] is False
    assert body["visibility"] == "private"
    assert body["extendedProperties"] == {
        "private": {
            "greenroomInstallation": "installation",
            "greenroomCall": "call",
            "greenroomRole": "candidate",
        }
    }


def test_nobody_is_a_guest_until_the_call_is_verified() -> None:
    assert release(replace(ONSITE, guest=None), PANEL).as_json()["attendees"] == []


def test_a_guests_answer_is_kept() -> None:
    coming = replace(ADA, rsvp=Rsvp.ACCEPTED)
    body = release(replace(ONSITE, guest=coming), PANEL).as_json()
    assert body["attendees"][0]["responseStatus"] == "accepted"


NAMING_NOTES = {
    "any case of a whole name": "You'll meet DANA ITO from infra",
    "a name over a line break": "Ask for:\nDana\nIto",
    "a space that does not break": "Ask for Dana\u00a0Ito",
    "two spaces and a tab": "dana  \t ito",
    "an address in any case": "Questions? DANA@Acme.example",
    "an address in brackets": "Write to <dana@acme.example>.",
    "an address after mailto": "mailto:dana@acme.example?subject=x",
    "a combining accent": "Then Jose\u0301 Ruiz takes over",
    "full-width letters": "Ｄａｎａ Ｉｔｏ",
    "ligatures and the like": "ﬁnd Dana Ito",
    "a first name alone": "A chat with Dana",
    "a family name alone": "Mr Ruiz will call",
    "a genitive": "Dana's team",
    "a name between hyphens": "the Dana-and-team hour",
    "a name in quotes": "“Dana”",
    "emphasis with underscores": "Meet _Dana_ first",
    "strong emphasis": "Meet __Dana Ito__ first",
    "a name after a digit": "2 Dana 3",
    "family name first": "Ito, Dana",
    "a soft hyphen": "Ask Da\u00adna",
    "a space of no width": "Ask\u200bDana\u200bplease",
    "an accent left out": "Jose will call",
    "a particle of another script": "Danaさんと話す",
    "a mark of direction": "\u200fDana\u200e",
    "markup": "<b>Dana</b>",
}


@pytest.mark.parametrize("notes", NAMING_NOTES.values(), ids=NAMING_NOTES.keys())
def test_a_note_that_names_the_panel_is_stopped(notes: str) -> None:
    with pytest.raises(IdentityLeak):
        release(replace(ONSITE, notes=notes), PANEL)


def test_a_name_with_other_apostrophes_and_hyphens_is_the_same_name() -> None:
    withheld = withheld_for([("Jean-Luc O'Brien", "jl@acme.example")], known=[])
    for notes in ("Ask O’Brien", "Ask O\u02bcBrien", "Ask Jean‑Luc", "Ask Jean‐Luc O’Brien"):
        with pytest.raises(IdentityLeak):
            release(replace(ONSITE, notes=notes), withheld)


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("田中太郎", "面接官は田中太郎です"),
        ("田中 太郎", "面接官は田中太郎です"),
        ("田中太郎", "面接官は田中 太郎です"),
        ("田中 太郎", "田中さんが面接します"),
        ("ダナ イトウ", "ダナ・イトウです"),
        ("김민준", "면접관은 김민준입니다"),
        ("สมชาย ใจดี", "พบกับสมชายใจดีที่นี่"),
    ],
)
def test_a_name_in_a_script_without_spaces_is_found_inside_a_sentence(
    name: str, notes: str
) -> None:
    with pytest.raises(IdentityLeak):
        release(replace(ONSITE, notes=notes), withheld_for([(name, "t@acme.example")], known=[]))


def test_title_agenda_and_place_are_searched_too() -> None:
    told = AgendaItem(title="Chat with José Ruiz", span=ONSITE.agenda[0].span)
    for leaky in (
        replace(ONSITE, agenda=(told,)),
        replace(ONSITE, title="Dana Ito and you"),
        replace(ONSITE, location="Room of Dana Ito"),
        replace(ONSITE, conference=LinkByHand(JoinUrl("https://meet.example/dana-ito/Dana"))),
    ):
        with pytest.raises(IdentityLeak) as raised:
            release(leaky, PANEL)
        assert "Dana" not in str(raised.value)
        assert "Ruiz" not in str(raised.value)


OPEN_NOTES = {
    "a word inside another": "We like algebra, bandana and Itoh.",
    "a word as ordinary people write it": "will you be there? a dana is a donation",
    "another address": "Write to xdana@acme.example",
    "nothing": "",
}


@pytest.mark.parametrize("notes", OPEN_NOTES.values(), ids=OPEN_NOTES.keys())
def test_other_words_pass(notes: str) -> None:
    release(replace(ONSITE, notes=notes), [*PANEL, "Will", "Al", "", " "])


def test_single_words_count_only_as_they_are_written() -> None:
    release(replace(ONSITE, notes="We will talk about an Odd job."), ["Will", "May", "ODD"])
    with pytest.raises(IdentityLeak):
        release(replace(ONSITE, notes="Will talks to you."), ["Will"])


def test_the_words_of_a_name_are_withheld_but_short_and_open_ones() -> None:
    assert withheld_for(
        [("Al van Acme", "al@acme.example")], known=["Acme Systems", "Ada van Quist"]
    ) == ("al@acme.example", "Al van Acme")
    assert withheld_for([DANA], known=[]) == ("dana@acme.example", "Dana Ito", "Dana", "Ito")


def test_nothing_is_withheld_twice() -> None:
    twice = withheld_for([DANA, DANA], known=[])
    assert len(twice) == len(set(twice))


def test_a_candidate_may_share_an_interviewers_name() -> None:
    namesake = ("Ada Quist", "ada.quist@acme.example")
    body = release(ONSITE, withheld_for([namesake], known=[ADA.name])).as_json()
    assert body["attendees"][0]["displayName"] == "Ada Quist"


def test_a_namesake_is_still_not_named_in_a_note() -> None:
    namesake = ("Ada Quist", "ada.quist@acme.example")
    with pytest.raises(IdentityLeak):
        release(replace(ONSITE, notes="Ask Ada Quist"), withheld_for([namesake], known=[ADA.name]))


@settings(deadline=None)
@given(st.text(), st.sampled_from([*DANA, *JOSE]), st.text())
def test_a_name_on_its_own_is_found_whatever_surrounds_it(
    before: str, name: str, after: str
) -> None:
    with pytest.raises(IdentityLeak):
        release(replace(ONSITE, notes=f"{before} {name} {after}"), [name])


@settings(deadline=None)
@given(st.text(alphabet="abcdefgh ij.\n"), st.sampled_from([*DANA, *JOSE]))
def test_a_text_without_the_name_is_released(notes: str, name: str) -> None:
    release(replace(ONSITE, notes=notes), [name])


def test_refuse_mentions_names_the_field_to_edit_and_not_the_person() -> None:
    texts = {"title": ["Talk"], "notes": ["with Dana Ito"]}
    with pytest.raises(IdentityLeak) as raised:
        refuse_mentions(texts, PANEL)
    assert raised.value.where == "notes"
    assert "Dana" not in str(raised.value)
    refuse_mentions({"title": ["Talk"]}, PANEL)


def test_a_page_shows_something_else_instead() -> None:
    assert public_text("Ask Dana Ito", PANEL, instead="Interview") == "Interview"
    assert public_text("System design", PANEL, instead="Interview") == "System design"


def test_what_was_released_cannot_be_changed() -> None:
    payload = release(ONSITE, PANEL)
    payload.as_json()["attendees"].append({"email": DANA[1]})
    payload.as_json()["extendedProperties"]["shared"] = {"panel": DANA[0]}
    assert payload.as_json() == release(ONSITE, PANEL).as_json()
    assert DANA[1] not in str(payload.as_json())


def test_nobody_else_can_seal_a_payload() -> None:
    with pytest.raises(TypeError, match="release"):
        SealedPayload(EventId("0a"), {"attendees": [DANA[1]]}, _key=object())
    with pytest.raises(TypeError):
        SealedPayload(EventId("0a"), {})  # type: ignore[call-arg]


def test_a_sealed_payload_has_no_room_for_more() -> None:
    with pytest.raises(AttributeError):
        release(ONSITE, PANEL).panel = DANA  # type: ignore[attr-defined]


def test_each_conference_says_its_own_thing_to_google() -> None:
    def sent(conference: object) -> object:
        body = release(replace(ONSITE, conference=conference), PANEL).as_json()  # type: ignore[arg-type]
        return body.get("conferenceData", "left alone")

    assert sent(None) == "left alone"
    assert sent(ConferenceRequest(RequestId("r2"))) == {
        "createRequest": {"requestId": "r2", "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    }
    copied = '{"conferenceId": "abc", "signature": "s"}'
    assert sent(ConferenceCopy(copied)) == {"conferenceId": "abc", "signature": "s"}
    assert sent(LinkByHand(JoinUrl("https://zoom.example/1"))) is None


def test_a_link_by_hand_stands_first_in_the_text_and_in_an_empty_place() -> None:
    by_hand = replace(ONSITE, conference=LinkByHand(JoinUrl("https://zoom.example/1")))
    body = release(by_hand, PANEL).as_json()
    assert body["description"].startswith("Join: https://zoom.example/1\n\n10:00")
    assert body["location"] == "https://zoom.example/1"
    placed = release(replace(by_hand, location="12 Rathbone Place"), PANEL).as_json()
    assert placed["location"] == "12 Rathbone Place"


def test_an_agenda_is_told_by_the_clock_of_its_zone() -> None:
    assert agenda_text(ONSITE.agenda, ZoneInfo("America/New_York")) == (
        "04:00–05:00  System design\n05:15–06:15  Coding"
    )


def test_a_page_is_settled_when_every_call_has_its_link() -> None:
    ready = CandidateCall(agenda=ONSITE.agenda, join_url=JoinUrl("https://meet.example/a"))
    page = ConfirmedPage(
        company="Acme",
        candidate_name="Ada Quist",
        stage_title="On-site",
        zone=ONSITE.zone,
        calls=(ready,),
        notes="",
        location="",
        contact=None,
    )
    assert page.is_settled
    assert not replace(page, calls=(ready, replace(ready, join_url=None))).is_settled
    assert ready.span == TimeSpan(at("09:00"), at("11:15"))


def test_candidate_types_are_frozen_slotted_and_final() -> None:
    kinds = [kind for kind in vars(disclosure).values() if _is_ours(kind)]
    assert len(kinds) >= 14
    for kind in kinds:
        assert kind.__dataclass_params__.frozen, kind
        assert "__slots__" in vars(kind), kind
        assert kind.__final__, kind


def _is_ours(kind: object) -> bool:
    return dataclasses.is_dataclass(kind) and kind.__module__ == disclosure.__name__
