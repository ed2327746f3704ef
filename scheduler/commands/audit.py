"""Who did what: every command leaves an entry in the transaction of its change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler.models.audit import AuditEntry
from scheduler.models.base import db


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks for a change: a signed-in user, a candidate by their link, or Greenroom itself."""

    kind: str
    user_id: int | None = None

    @classmethod
    def user(cls, user_id: int) -> Actor:
        return cls("user", user_id)


CANDIDATE = Actor("candidate")
GREENROOM = Actor("greenroom")


def record(
    action: str,
    subject: tuple[str, object],
    *,
    by: Actor,
    now: datetime,
    **detail: str | int | list[int] | None,
) -> None:
    """Add the entry for `action` on `subject` (type, id). `detail` holds ids and states, no names."""
    db.session.add(
        AuditEntry(
            recorded_at=now,
            actor=by.kind,
            user_id=by.user_id,
            action=action,
            object_type=subject[0],
            object_id=str(subject[1]),
            detail=detail,
        )
    )
