"""What Google says of an entry, and what kind of entry it is to us by that."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.domain.availability import EntryKind
from scheduler.domain.entries import (
    Answer,
    CalendarEntry,
    Keyword,
    KeywordClass,
    kind_of,
    meaning_of,
    plain,
    reading_in_detail,
)
from scheduler.domain.timespan import TimeSpan
from tests.cast import at

TEN = TimeSpan(at("Mon 10:00"), at("Mon 11:00"))
MONDAY = TimeSpan(at("Mon 00:00"), at("Tue 00:00"))
SOFT, HARD = KeywordClass.SOFT, KeywordClass.HARD
IGNORE, BLOCK = KeywordClass.IGNORE, KeywordClass.RECRUITING_BLOCK


def entry(**said: Any) -> CalendarEntry:
    return CalendarEntry(**{"span": TEN, **said})


class TestKindOf:
    @pytest.mark.parametrize(
        ("said", "kind"),
        [
            ({}, EntryKind.BUSY),
            ({"answer": Answer.ACCEPTED}, EntryKind.BUSY),
            ({"is_transparent": True}, EntryKind.FREE),
            ({"is_tentative": True}, EntryKind.TENTATIVE),
            ({"answer": Answer.TENTATIVE}, EntryKind.TENTATIVE),
            ({"answer": Answer.NEEDS_ACTION}, EntryKind.UNANSWERED),
            ({"answer": Answer.DECLINED}, EntryKind.DECLINED),
            ({"is_all_day": True}, EntryKind.ALL_DAY_BUSY),
            ({"is_all_day": True, "is_transparent": True}, EntryKind.ALL_DAY_FREE),
            ({"is_all_day": True, "answer": Answer.TENTATIVE}, EntryKind.TENTATIVE),
            ({"event_type": "outOfOffice"}, EntryKind.OUT_OF_OFFICE),
            ({"event_type": "outOfOffice", "is_transparent": True}, EntryKind.OUT_OF_OFFICE),
            ({"event_type": "focusTime"}, EntryKind.FOCUS_TIME),
            ({"event_type": "focusTime", "is_transparent": True}, EntryKind.FREE),
            ({"event_type": "workingLocation"}, EntryKind.WORKING_LOCATION),
            ({"event_type": "somethingNew"}, EntryKind.BUSY),
        ],
    )
    def test_it_is_read_off_what_google_says(self, said: dict[str, Any], kind: EntryKind) -> None:
        assert kind_of(entry(**said), ()) is kind

    @pytest.mark.parametrize(
        ("means", "kind"),
        [
            (IGNORE, EntryKind.KEYWORD_IGNORE),
            (SOFT, EntryKind.KEYWORD_SOFT),
            (HARD, EntryKind.KEYWORD_HARD),
            (BLOCK, EntryKind.RECRUITING_BLOCK),
        ],
    )
    def test_a_keyword_goes_before_all_but_a_decline(
        self, means: KeywordClass, kind: EntryKind
    ) -> None:
        keywords = [[Keyword("offsite", means)]]
        for said in ({}, {"is_transparent": True}, {"event_type": "outOfOffice"}):
            assert kind_of(entry(title="Team Offsite", **said), keywords) is kind
        declined = entry(title="Team Offsite", answer=Answer.DECLINED)
        assert kind_of(declined, keywords) is EntryKind.DECLINED

    def test_the_persons_own_words_go_before_the_organisations(self) -> None:
        keywords = [[Keyword("sync", IGNORE)], [Keyword("weekly sync", HARD)]]
        assert kind_of(entry(title="Weekly sync"), keywords) is EntryKind.KEYWORD_IGNORE

    def test_a_hidden_title_holds_no_keyword(self) -> None:
        assert kind_of(entry(), [[Keyword("sync", IGNORE)]]) is EntryKind.BUSY


class TestMeaningOf:
    @pytest.mark.parametrize(
        "title",
        ["Lunch", "team LUNCH, moved", "(lunch)", "Lunch with  everybody", "ｌｕｎｃｈ"],
    )
    def test_words_are_found_whatever_their_case_and_surroundings(self, title: str) -> None:
        assert meaning_of(title, [Keyword("lunch", SOFT)]) is SOFT

    @pytest.mark.parametrize("title", ["Brunch", "Lunches", "lunch_break", ""])
    def test_a_part_of_a_word_is_not_the_word(self, title: str) -> None:
        assert meaning_of(title, [Keyword("lunch", SOFT)]) is None

    def test_the_longest_says_it(self) -> None:
        keywords = [Keyword("focus", HARD), Keyword("focus (movable)", SOFT)]
        assert meaning_of("Focus (movable)", keywords) is SOFT
        assert meaning_of("Focus", keywords) is HARD

    def test_of_equally_long_ones_the_strictest_says_it(self) -> None:
        keywords = [Keyword("gym", IGNORE), Keyword("run", SOFT)]
        assert meaning_of("Gym, then a run", keywords) is SOFT

    def test_letters_that_mean_something_in_patterns_mean_themselves(self) -> None:
        assert meaning_of("1:1 (weekly)", [Keyword("1.1", HARD)]) is None
        assert meaning_of("c++ guild", [Keyword(plain("C++"), SOFT)]) is SOFT


def test_a_calendar_comes_to_what_blocks_what_is_soft_and_what_is_kept() -> None:
    afternoon = TimeSpan(at("Mon 14:00"), at("Mon 17:00"))
    said = reading_in_detail(
        [
            entry(),
            entry(span=TimeSpan(at("Mon 11:00"), at("Mon 12:00")), event_type="focusTime"),
            entry(span=afternoon, title="Interviews"),
            entry(span=TimeSpan(at("Tue 00:00"), at("Tue 01:00"))),
        ],
        [[], [Keyword("interviews", BLOCK)]],
        MONDAY,
    )
    assert said.busy == (TEN,)
    assert said.soft == (TimeSpan(at("Mon 11:00"), at("Mon 12:00")),)
    assert said.kept_for_interviews == (afternoon,)


def test_a_title_is_not_printed_with_its_entry() -> None:
    assert "Doctor" not in repr(entry(title="Doctor"))
