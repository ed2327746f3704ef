"""The fields for words that have a meaning in the titles of calendars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import TextAreaField

from scheduler.commands.keywords import FIELDS, checked
from scheduler.domain.entries import Keyword, KeywordClass
from scheduler.web.admin.forms import OrderedForm


class KeywordForm(OrderedForm):
    """Four lists of words, one or several a line. On a page they come after everything else."""

    words_ignored = TextAreaField(
        "Take no time", default="", description="Such as lunch. Entries with these words are free."
    )
    words_soft = TextAreaField(
        "May give way", default="", description="Booked over only where nothing else fits."
    )
    words_hard = TextAreaField(
        "Never booked over", default="", description="Also where the entry is shown as free."
    )
    words_kept = TextAreaField(
        "Kept for interviews", default="", description="Interviews are put there first."
    )

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        for name in FIELDS.values():
            self._fields[name] = self._fields.pop(name)

    @property
    def keywords(self) -> list[Keyword]:
        """Return what was typed. Raises Refused."""
        return checked((means, self[name].data or "") for means, name in FIELDS.items())

    @property
    def has_keywords(self) -> bool:
        """Was anything typed, or said to be wrong?"""
        return any(self[name].data or self[name].errors for name in FIELDS.values())


def typed(keywords: Sequence[Keyword]) -> dict[str, str]:
    """Return keywords as the fields show them, by the fields' names."""

    def lines(means: KeywordClass) -> str:
        return "\n".join(each.words for each in keywords if each.means is means)

    return {name: lines(means) for means, name in FIELDS.items()}
