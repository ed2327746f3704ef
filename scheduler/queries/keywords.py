"""The words that have a meaning in the titles of calendars."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select

from scheduler.domain.entries import Keyword
from scheduler.models.base import db
from scheduler.models.people import KeywordRow


def of_everybody() -> tuple[Keyword, ...]:
    """Return the organisation's, which go for everybody."""
    rows = db.session.scalars(select(KeywordRow).where(KeywordRow.interviewer_id.is_(None)))
    return keywords(rows)


def of_people(people_ids: Collection[int]) -> Mapping[int, tuple[Keyword, ...]]:
    """Return the own keywords of those among these people who have any."""
    found: dict[int, list[KeywordRow]] = {}
    for row in db.session.scalars(
        select(KeywordRow).where(KeywordRow.interviewer_id.in_(people_ids))
    ):
        if row.interviewer_id is not None:
            found.setdefault(row.interviewer_id, []).append(row)
    return {id_: keywords(rows) for id_, rows in found.items()}


def keywords(rows: Iterable[KeywordRow]) -> tuple[Keyword, ...]:
    """Return rows as the domain's values, in the order of the alphabet."""
    return tuple(sorted((Keyword(row.words, row.means) for row in rows), key=lambda k: k.words))
