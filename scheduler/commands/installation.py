"""This Greenroom's own UUID, which its events carry so that no other installation touches them."""

from __future__ import annotations

import uuid

from sqlalchemy.dialects.postgresql import insert

from scheduler.models.base import db
from scheduler.models.calendar import Installation


def ensure_installation() -> None:
    """Give this installation its UUID if it has none. Part of a larger command: no commit."""
    db.session.execute(
        insert(Installation).values(id=1, uuid=uuid.uuid4()).on_conflict_do_nothing()
    )
