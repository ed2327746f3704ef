"""The SMTP inbox: takes every mail the product sends and puts it into the mailboxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

from scheduler.emulator import mailbox
from scheduler.emulator.world import World

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

MOST_BYTES = 35 * 1024 * 1024
BUSY_DOMAIN, REFUSED_DOMAIN = "busy.example", "refused.example"
"""Addresses there are answered with a temporary and a permanent refusal."""


class Inbox:
    """The handler aiosmtpd calls; domains with a meaning give trouble on demand."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_RCPT(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        rcpt_options: list[str],
    ) -> str:
        """Refuse what a test wants refused, take the rest."""
        if address.lower().endswith(f"@{BUSY_DOMAIN}"):
            return "451 4.3.0 Temporary local problem, try again later"
        if address.lower().endswith(f"@{REFUSED_DOMAIN}"):
            return "550 5.1.1 The email account that you tried to reach does not exist"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Store the mail with everybody in its envelope."""
        content: Any = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        recipients = [str(address) for address in envelope.rcpt_tos]
        mailbox.deliver_smtp(self._world, str(envelope.mail_from or ""), recipients, raw)
        return "250 2.0.0 OK"


def inbox(world: World, port: int) -> Controller:
    """Return an SMTP server on loopback, not yet started; start() and stop() it."""
    return Controller(
        Inbox(world),
        hostname="127.0.0.1",
        port=port,
        ready_timeout=10,
        data_size_limit=MOST_BYTES,
        enable_SMTPUTF8=True,
        ident="Greenroom emulator",
    )
