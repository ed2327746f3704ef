"""Every mail a person would have got: Google's own, and what came in by SMTP."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

from scheduler.emulator.errors import Resource
from scheduler.emulator.invitation import Letter, message
from scheduler.emulator.moments import rfc3339_millis
from scheduler.emulator.store import dumps
from scheduler.emulator.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One delivered mail; `kind` is "google" or "smtp", `raw` the message as it was sent."""

    id: int
    kind: str
    sender: str
    subject: str
    recipients: tuple[str, ...]
    sent_at: str
    raw: bytes

    def as_hook(self) -> Resource:
        """Return the entry of GET /_emulator/outbox."""
        return {
            "to": list(self.recipients),
            "from": self.sender,
            "subject": self.subject,
            "kind": self.kind,
            "raw": self.raw.decode("utf-8", "replace"),
        }

    def parsed(self) -> EmailMessage:
        """Return the message, headers decoded."""
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed


def outbox(world: World, email: str | None = None) -> list[Mail]:
    """Return all mails, or one person's, oldest first."""
    _write_letters(world)
    query = "SELECT m.* FROM mail m"
    if email is None:
        rows = world.store.all(f"{query} ORDER BY id")
    else:
        rows = world.store.all(
            f"{query} JOIN mail_recipient r ON r.mail_id = m.id WHERE r.email = ? ORDER BY m.id",
            email.lower(),
        )
    return [
        Mail(
            id=row["id"],
            kind=row["kind"],
            sender=row["sender"],
            subject=row["subject"],
            recipients=tuple(json.loads(row["recipients"])),
            sent_at=row["sent_at"],
            raw=row["raw"],
        )
        for row in rows
    ]


def one(world: World, email: str, mail_id: int) -> Mail | None:
    """Return one mail of one person."""
    return next((mail for mail in outbox(world, email) if mail.id == mail_id), None)


def deliver_smtp(world: World, envelope_from: str, recipients: list[str], raw: bytes) -> None:
    """Store a mail that arrived by SMTP with everybody in its envelope."""
    parsed = message_from_bytes(raw, policy=default)
    subject = str(parsed.get("Subject", ""))
    _store(world, "smtp", str(parsed.get("From", envelope_from)), subject, recipients, raw)


def post(world: World, letter: Letter, recipients: list[str]) -> None:
    """Deliver a mail of Google Calendar's; it is put into words when somebody first looks.

    Writing it takes longer than the change that it tells of, and most are never read.
    """
    name, address = letter.sender
    sender = str(Address(" ".join(name.split()), *_local_and_domain(address)))
    with world.store.transaction():
        number = _store(world, "google", sender, letter.subject, recipients, b"")
        world.store.run("INSERT INTO letter VALUES (?, ?)", number, dumps(letter.as_json()))


def new_message_id() -> str:
    """Return a Message-ID for a mail of Google's."""
    return f"<calendar-{secrets.token_hex(12)}@google.com>"


def store_google(world: World, mail: EmailMessage, recipients: list[str]) -> None:
    """Deliver a mail of Google's own that is written already."""
    _store(world, "google", str(mail["From"]), str(mail["Subject"]), recipients, mail.as_bytes())


def _write_letters(world: World) -> None:
    """Put into words what has been posted since somebody last looked."""
    with world.store.transaction():
        for row in world.store.all("SELECT mail_id, body FROM letter ORDER BY mail_id"):
            raw = message(Letter.of(json.loads(row["body"]))).as_bytes()
            world.store.run("UPDATE mail SET raw = ? WHERE id = ?", raw, row["mail_id"])
            world.store.run("DELETE FROM letter WHERE mail_id = ?", row["mail_id"])


def _store(
    world: World, kind: str, sender: str, subject: str, recipients: list[str], raw: bytes
) -> int:
    """Keep a mail and put it into its recipients' mailboxes; return its number."""
    with world.store.transaction():
        row = world.store.one(
            "INSERT INTO mail (kind, sender, subject, recipients, sent_at, raw)"
            " VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
            kind,
            sender,
            subject,
            json.dumps(recipients),
            rfc3339_millis(world.now()),
            raw,
        )
        assert row is not None
        for email in {_address(recipient) for recipient in recipients}:
            world.store.run("INSERT OR IGNORE INTO mail_recipient VALUES (?, ?)", email, row["id"])
        return int(row["id"])


def _address(recipient: str) -> str:
    return (parseaddr(recipient)[1] or recipient).lower()


def _local_and_domain(address: str) -> tuple[str, str]:
    local, _, domain = address.rpartition("@")
    return local, domain
