"""The words that have a meaning in the titles of calendars: checked, and kept with whom they go for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scheduler.commands.checks import Refused
from scheduler.domain.entries import Keyword, KeywordClass, plain
from scheduler.models.people import KeywordRow

FIELDS = {
    KeywordClass.IGNORE: "words_ignored",
    KeywordClass.SOFT: "words_soft",
    KeywordClass.HARD: "words_hard",
    KeywordClass.RECRUITING_BLOCK: "words_kept",
}
"""Which input holds the words of which class."""
LONGEST, MOST = 60, 50  # characters, and lines in all


def checked(typed: Iterable[tuple[KeywordClass, str]]) -> list[Keyword]:
    """Return what was typed, one or several words a line, or raise Refused."""
    found: dict[str, Keyword] = {}
    for means, text in typed:
        for words in filter(None, map(plain, text.splitlines())):
            _check(words, means, found)
            found[words] = Keyword(words, means)
    return list(found.values())


def rows_of(keywords: Sequence[Keyword], kept: Iterable[KeywordRow]) -> list[KeywordRow]:
    """Return the rows of these keywords; those that are kept already stay the same rows."""
    by_words = {row.words: row for row in kept}
    rows = []
    for each in keywords:
        row = by_words.get(each.words) or KeywordRow(words=each.words)
        row.means = each.means
        rows.append(row)
    return rows


def _check(words: str, means: KeywordClass, found: dict[str, Keyword]) -> None:
    field = FIELDS[means]
    if len(words) > LONGEST:
        raise Refused(field, f"Use at most {LONGEST} characters a line.")
    if not any(letter.isalnum() for letter in words):
        raise Refused(field, "Enter words, one or several a line.")
    if words in found and found[words].means is not means:
        raise Refused(field, f"“{words}” has another meaning already. Leave it in one place.")
    if words not in found and len(found) >= MOST:
        raise Refused(field, f"Enter at most {MOST} lines in all.")
