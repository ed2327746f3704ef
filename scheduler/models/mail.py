"""Mail to candidates, written in the transaction of the change and sent by the worker."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from scheduler.domain.disclosure import LetterKind
from scheduler.models.base import Model


class MailState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"
    """What it tells was no longer so before the mail server took it; a newer mail tells what is."""


class OutboxMail(Model):
    """One mail. Its bytes are sealed, because they hold the candidate's link."""

    __tablename__ = "outbox_mail"
    __table_args__ = (
        # One mail for each thing the candidate is told.
        UniqueConstraint("booking_id", "candidate_revision", name="uq_outbox_mail_telling"),
        Index(
            "ix_outbox_mail_waiting", "next_attempt_at", postgresql_where=text("state = 'waiting'")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    invite_id: Mapped[int] = mapped_column(ForeignKey("invite.id"), index=True)
    candidate_revision: Mapped[int | None]
    booking_revision: Mapped[int | None]
    """The booking's revision that this mail tells of."""
    kind: Mapped[LetterKind]
    to_address: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    message_sealed: Mapped[str]
    state: Mapped[MailState] = mapped_column(default=MailState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
