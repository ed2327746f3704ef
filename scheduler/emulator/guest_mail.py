"""Whom Google mails about an event, and what about: invitations, changes, cancellations, answers."""

from __future__ import annotations

from scheduler.emulator import mailbox
from scheduler.emulator.calendar import Calendar
from scheduler.emulator.conference import video_uri
from scheduler.emulator.errors import Resource
from scheduler.emulator.groups import members_of
from scheduler.emulator.invitation import Letter, Method, when_text
from scheduler.emulator.looks import plain_text
from scheduler.emulator.moments import instant, rfc3339_millis
from scheduler.emulator.views import guest_copy, own_entry
from scheduler.emulator.world import World

_TOLD = (
    "summary", "description", "location", "start", "end", "recurrence", "attachments", "status",
)  # fmt: skip
"""The fields whose change Google mails about."""

_NAMES = {"start": "time", "end": "time", "summary": "title", "conferenceData": "video call"}
_HEADS = {"REQUEST": "Invitation", "CANCEL": "Canceled event"}
_ANSWERS = {"accepted": "Accepted", "declined": "Declined", "tentative": "Tentatively accepted"}


def tell_guests(
    world: World, calendar: Calendar, before: Resource | None, after: Resource, send_updates: str
) -> None:
    """Mail guests about an event that was made, changed or cancelled, as `sendUpdates` says.

    "all" reaches every guest, "externalOnly" those without a Google Calendar. A new guest is
    invited, a removed one gets a cancellation, the others an update when something they are told
    about has changed; the organizer and rooms get none, and nobody is mailed about the past.
    """
    if send_updates not in ("all", "externalOnly") or _is_past(world, calendar, after):
        return
    was, now = _guests(before), _guests(after)
    if before is not None and before.get("status") == "cancelled":
        was = set()
    is_cancelled = after.get("status") == "cancelled"
    changes = _changes(before, after) if before is not None else []
    for email in sorted(was | now):
        readers = _readers(world, calendar, email, send_updates)
        if not readers:
            continue
        if is_cancelled or email not in now:
            if email in was:
                gone = {**(before or after), "sequence": after.get("sequence", 0)}
                _post(world, calendar, gone, email, readers, "CANCEL", [])
        elif email not in was or changes:
            _post(
                world, calendar, after, email, readers, "REQUEST", changes if email in was else []
            )


def tell_organizer(world: World, calendar: Calendar, event: Resource, email: str) -> None:
    """Mail the organizer what a guest answered; for a secondary calendar its owner gets it."""
    guest = own_entry(event, email) or {"email": email}
    word = _ANSWERS.get(str(guest.get("responseStatus")))
    if word is None or _is_past(world, calendar, event):
        return
    account = world.account(email)
    name = account.name if account else str(guest.get("displayName") or email)
    when = when_text(event, calendar.zone)
    title = str(event.get("summary", "(No title)"))
    letter = Letter(
        method="REPLY",
        sender=(name, email),
        recipient=calendar.owner,
        subject=_one_line(f"{word}: {title} @ {when} ({email})"),
        lines=_said(
            f"{name} has {word[0].lower()}{word[1:]} this invitation.",
            str(guest.get("comment", "")),
            title,
            f"When\n{when}",
        ),
        event=event,
        organizer=_organizer(calendar, event),
        attendees=[guest],
        message_id=mailbox.new_message_id(),
        sent_at=rfc3339_millis(world.now()),
    )
    mailbox.post(world, letter, [calendar.owner])


def _readers(world: World, calendar: Calendar, email: str, send_updates: str) -> list[str]:
    """Return who finds a mail to this guest in their mailbox: a group's mail reaches its members."""
    if email == calendar.id or (email == calendar.owner and calendar.is_primary):
        return []
    members = [each for each in members_of(world, email) if each != calendar.id]
    readers = []
    for reader in members or [email]:
        account = world.account(reader)
        is_room = account is not None and account.kind == "room"
        if not is_room and (send_updates == "all" or account is None):
            readers.append(reader)
    return readers


def _post(
    world: World,
    calendar: Calendar,
    event: Resource,
    email: str,
    readers: list[str],
    method: Method,
    changes: list[str],
) -> None:
    """Write to one guest, showing the event as that guest sees it."""
    seen = guest_copy(event, email, {})
    account = world.account(email)
    when = when_text(seen, account.zone if account else calendar.zone)
    title = str(seen.get("summary", "(No title)"))
    head = "Updated invitation" if changes else _HEADS[method]
    organizer = _organizer(calendar, seen)
    letter = Letter(
        method=method,
        sender=organizer,
        recipient=email,
        subject=_one_line(f"{head}: {title} @ {when} ({email})"),
        lines=[
            *_lines(seen, method, when, organizer, changes),
            f"Invitation from Google Calendar: {world.settings.base_url}/calendar?as={email}",
        ],
        event={name: value for name, value in seen.items() if not name.startswith("_")},
        organizer=organizer,
        attendees=seen.get("attendees") or [],
        message_id=mailbox.new_message_id(),
        sent_at=rfc3339_millis(world.now()),
    )
    mailbox.post(world, letter, readers)


def _lines(
    seen: Resource, method: str, when: str, organizer: tuple[str, str], changes: list[str]
) -> list[str]:
    link = video_uri(seen.get("conferenceData"))
    files = [f"{each.get('title', '')} {each['fileUrl']}" for each in seen.get("attachments") or ()]
    return _said(
        "This event has been canceled." if method == "CANCEL" else "",
        f"This event has been updated. Changed: {', '.join(changes)}." if changes else "",
        str(seen.get("summary", "(No title)")),
        f"When\n{when}",
        f"Where\n{seen['location']}" if seen.get("location") else "",
        f"Join with Google Meet\n{link}" if link and method != "CANCEL" else "",
        plain_text(str(seen.get("description", ""))),
        "\n".join(["Attachments", *files]) if files else "",
        f"Organizer\n{organizer[0]}\n{organizer[1]}",
        "\n".join(["Guests", *(_guest_line(guest) for guest in seen.get("attendees") or ())]),
    )


def _said(*lines: str) -> list[str]:
    return [line for line in lines if line]


def _organizer(calendar: Calendar, event: Resource) -> tuple[str, str]:
    """ "Attendees receive the invitation from the organizer's email address" (INVITE)."""
    found = event.get("organizer") or {"email": calendar.id}
    return str(found.get("displayName") or calendar.name), str(found["email"])


def _guests(event: Resource | None) -> set[str]:
    return {guest["email"] for guest in (event or {}).get("attendees") or ()}


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


def _one_line(text: str) -> str:
    return " ".join(text.split())
