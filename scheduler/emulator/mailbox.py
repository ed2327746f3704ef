"""Every mail a person would have got: Google's own, and what came in by SMTP."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

from scheduler.emulator.calendar import Calendar
from scheduler.emulator.conference import video_uri
from scheduler.emulator.errors import Resource
from scheduler.emulator.invitation import message, when_text
from scheduler.emulator.looks import plain_text
from scheduler.emulator.moments import instant, rfc3339_millis
from scheduler.emulator.views import guest_copy, own_entry
from scheduler.emulator.world import World

_TOLD = (
    "summary", "description", "location", "start", "end", "recurrence", "attachments", "status",
)  # fmt: skip
"""The fields whose change Google mails about."""

_NAMES = {"start": "time", "end": "time", "summary": "title", "conferenceData": "video call"}


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


def tell_guests(
    world: World, calendar: Calendar, before: Resource | None, after: Resource, send_updates: str
) -> None:
    """Mail guests about an event that was made, changed or cancelled, as `sendUpdates` says.

    "all" reaches every guest, "externalOnly" those without a Google Calendar. A new guest is
    invited, a removed one gets a cancellation, the others an update when something they are told
    about has changed; the organizer gets none, and nobody is mailed about the past.
    """
    if send_updates not in ("all", "externalOnly") or _is_past(world, calendar, after):
        return
    was = {guest["email"] for guest in (before or {}).get("attendees") or []}
    now = {guest["email"] for guest in after.get("attendees") or []}
    if before is not None and before.get("status") == "cancelled":
        was = set()
    changes = _changes(before, after) if before is not None else []
    for email in sorted(was | now):
        if email == calendar.id or (email == calendar.owner and calendar.is_primary):
            continue
        account = world.account(email)
        if (account and account.kind == "room") or (send_updates == "externalOnly" and account):
            continue
        if after.get("status") == "cancelled" or email not in now:
            if email in was:
                _send(
                    world,
                    calendar,
                    {**(before or after), "sequence": after.get("sequence", 0)},
                    email,
                    "CANCEL",
                    [],
                )
        elif email not in was:
            _send(world, calendar, after, email, "REQUEST", [])
        elif changes:
            _send(world, calendar, after, email, "REQUEST", changes)


def tell_organizer(world: World, calendar: Calendar, event: Resource, email: str) -> None:
    """Mail the organizer what a guest answered; for a secondary calendar its owner gets it."""
    guest = own_entry(event, email) or {"email": email}
    account = world.account(email)
    name = account.name if account else str(guest.get("displayName") or email)
    words = {"accepted": "Accepted", "declined": "Declined", "tentative": "Tentatively accepted"}
    word = words.get(str(guest.get("responseStatus")))
    if word is None:
        return
    when = when_text(event, calendar.zone)
    mail = message(
        sender=(name, email),
        recipient=calendar.owner,
        subject=f"{word}: {event.get('summary', '(No title)')} @ {when} ({email})",
        event=event,
        lines=[
            f"{name} has {_lower(word)} this invitation.",
            str(guest.get("comment", "")),
            str(event.get("summary", "(No title)")),
            f"When\n{when}",
        ],
        method="REPLY",
        attendees=[guest],
        now=world.now(),
        message_id=new_message_id(),
    )
    store_google(world, mail, [calendar.owner])


def _send(
    world: World, calendar: Calendar, event: Resource, email: str, method: str, changes: list[str]
) -> None:
    """Write to one guest, showing the event as that guest sees it."""
    seen = guest_copy(event, email, {})
    account = world.account(email)
    zone_name = account.zone if account else calendar.zone
    when = when_text(seen, zone_name)
    title = str(seen.get("summary", "(No title)"))
    head = "Invitation"
    if method == "CANCEL":
        head = "Canceled event"
    elif changes:
        head = "Updated invitation"
    organizer = seen.get("organizer") or {"email": calendar.id}
    sender = (str(organizer.get("displayName") or calendar.name), str(organizer["email"]))
    guests = seen.get("attendees") or []
    link = video_uri(seen.get("conferenceData"))
    lines = [
        "This event has been canceled." if method == "CANCEL" else "",
        f"This event has been updated. Changed: {', '.join(changes)}." if changes else "",
        title,
        f"When\n{when}",
        f"Where\n{seen['location']}" if seen.get("location") else "",
        f"Join with Google Meet\n{link}" if link and method != "CANCEL" else "",
        plain_text(str(seen.get("description", ""))),
        "\n".join(
            ["Attachments", *(f"{a.get('title', '')} {a['fileUrl']}" for a in seen["attachments"])]
        )
        if seen.get("attachments")
        else "",
        f"Organizer\n{sender[0]}\n{sender[1]}",
        "\n".join(["Guests", *(_guest_line(guest) for guest in guests)]),
        f"Invitation from Google Calendar: {world.settings.base_url}/calendar?as={email}",
    ]
    mail = message(
        sender=sender,
        recipient=email,
        subject=f"{head}: {title} @ {when} ({email})",
        event=seen,
        lines=lines,
        method=method,
        attendees=guests,
        now=world.now(),
        message_id=new_message_id(),
    )
    store_google(world, mail, [email])


def _changes(before: Resource, after: Resource) -> list[str]:
    """Return in words what is different about an event, e.g. ["time", "guests"]."""
    names = [_NAMES.get(name, name) for name in _TOLD if before.get(name) != after.get(name)]
    if video_uri(before.get("conferenceData")) != video_uri(after.get("conferenceData")):
        names.append(_NAMES["conferenceData"])
    who = [
        [(g["email"], g.get("optional", False)) for g in event.get("attendees") or []]
        for event in (before, after)
    ]
    if sorted(who[0]) != sorted(who[1]):
        names.append("guests")
    return list(dict.fromkeys(names))


def _guest_line(guest: Resource) -> str:
    name = guest.get("displayName")
    return f"{name} <{guest['email']}>" if name else str(guest["email"])


def _is_past(world: World, calendar: Calendar, event: Resource) -> bool:
    """ "No mail for past events" (NODE3147)."""
    is_series = bool(event.get("recurrence"))
    return not is_series and instant(event["end"], calendar.zone) < world.now().timestamp()


def _lower(word: str) -> str:
    return word[0].lower() + word[1:]


def new_message_id() -> str:
    """Return a Message-ID for a mail of Google's."""
    return f"<calendar-{secrets.token_hex(12)}@google.com>"


def store_google(world: World, mail: EmailMessage, recipients: list[str]) -> None:
    """Deliver a mail of Google Calendar's own."""
    raw = mail.as_bytes()
    _store(world, "google", str(mail["From"]), str(mail["Subject"]), recipients, raw)


def _store(
    world: World, kind: str, sender: str, subject: str, recipients: list[str], raw: bytes
) -> None:
    with world.store.transaction():
        world.store.run(
            "INSERT INTO mail (kind, sender, subject, recipients, sent_at, raw) VALUES (?, ?, ?, ?, ?, ?)",
            kind,
            sender,
            subject,
            json.dumps(recipients),
            rfc3339_millis(world.now()),
            raw,
        )
        newest = world.store.one("SELECT max(id) AS id FROM mail")
        for email in {_address(recipient) for recipient in recipients}:
            world.store.run(
                "INSERT OR IGNORE INTO mail_recipient VALUES (?, ?)",
                email,
                newest["id"] if newest else 0,
            )


def _address(recipient: str) -> str:
    return (parseaddr(recipient)[1] or recipient).lower()
