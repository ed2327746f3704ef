"""Who changed what, written in the transaction of the change. Ids only: no names, no addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.models.base import Model


class AuditEntry(Model):
    """One change. `actor` is "user", "candidate" or "greenroom"; `action` is the command's name."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_object", "object_type", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recorded_at: Mapped[datetime]
    actor: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    action: Mapped[str]
    object_type: Mapped[str]
    object_id: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
