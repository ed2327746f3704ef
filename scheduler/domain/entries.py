"""What an entry of a calendar is to us, from what Google says of it: no more than a kind is kept.

A title is looked at here, and goes no further: it is neither stored nor logged nor shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from scheduler.domain.availability import Entry, EntryKind, Reading, ReadingLevel, reading_of
from scheduler.domain.timespan import TimeSpan


class KeywordClass(StrEnum):
    """What words in a title mean, to whoever has chosen them."""

    IGNORE = "ignore"
    SOFT = "soft"
    HARD = "hard"
    RECRUITING_BLOCK = "recruiting block"


class Answer(StrEnum):
    """How the calendar's owner has answered, in Google's words."""

    NEEDS_ACTION = "needsAction"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Keyword:
    """One or several words, as `plain` leaves them, and what a title that holds them means."""

    words: str
    means: KeywordClass


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """What was read of an entry, in Google's words (events.list).

    An all-day entry goes from local midnight to local midnight. `title` is empty where it is
    hidden from us, as of a private entry; `answer` is None where nobody was asked.
    """

    span: TimeSpan
    is_all_day: bool = False
    event_type: str = "default"
    is_transparent: bool = False
    is_tentative: bool = False
    answer: Answer | None = None
    title: str = field(default="", repr=False)


KINDS = {
    KeywordClass.IGNORE: EntryKind.KEYWORD_IGNORE,
    KeywordClass.SOFT: EntryKind.KEYWORD_SOFT,
    KeywordClass.HARD: EntryKind.KEYWORD_HARD,
    KeywordClass.RECRUITING_BLOCK: EntryKind.RECRUITING_BLOCK,
}
STRICTEST_FIRST = (
    *(KeywordClass.HARD, KeywordClass.SOFT),
    *(KeywordClass.RECRUITING_BLOCK, KeywordClass.IGNORE),
)


def plain(text: str) -> str:
    """Return text as titles and keywords are compared: without case, single spaces between words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def meaning_of(title: str, keywords: Iterable[Keyword]) -> KeywordClass | None:
    """Return what a title means by these keywords; None when it holds none of them.

    Whole words only. The longest that is found says it, and of equally long ones the strictest.
    """
    text = plain(title)
    found = [each for each in keywords if _holds(text, each.words)]
    if not found:
        return None
    longest = max(len(each.words) for each in found)
    return min(
        (each.means for each in found if len(each.words) == longest), key=STRICTEST_FIRST.index
    )


def kind_of(entry: CalendarEntry, keywords: Sequence[Sequence[Keyword]]) -> EntryKind:
    """Return what an entry is to us. `keywords` are lists of them; an earlier list goes before a later.

    Whoever has declined is not there, whatever the title says. Then come the keywords, then what
    kind of entry Google says it is, then how its owner has answered.
    """
    if entry.answer is Answer.DECLINED:
        return EntryKind.DECLINED
    for each in keywords:
        means = meaning_of(entry.title, each)
        if means is not None:
            return KINDS[means]
    if entry.event_type == "workingLocation":
        return EntryKind.WORKING_LOCATION
    if entry.event_type == "outOfOffice":
        return EntryKind.OUT_OF_OFFICE
    if entry.is_transparent:
        return EntryKind.ALL_DAY_FREE if entry.is_all_day else EntryKind.FREE
    if entry.event_type == "focusTime":
        return EntryKind.FOCUS_TIME
    if entry.is_tentative or entry.answer is Answer.TENTATIVE:
        return EntryKind.TENTATIVE
    if entry.answer is Answer.NEEDS_ACTION:
        return EntryKind.UNANSWERED
    return EntryKind.ALL_DAY_BUSY if entry.is_all_day else EntryKind.BUSY


def reading_in_detail(
    entries: Iterable[CalendarEntry], keywords: Sequence[Sequence[Keyword]], within: TimeSpan
) -> Reading:
    """Return what the entries of a calendar come to, as far as they meet `within`."""
    kinds = (
        Entry(kind_of(each, keywords), each.span) for each in entries if each.span.overlaps(within)
    )
    return reading_of(kinds, ReadingLevel.DETAILS)


def _holds(text: str, words: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text) is not None
