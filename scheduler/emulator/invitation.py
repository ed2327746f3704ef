"""What a mail of Google's calendar says: subject, text, HTML, and the iCalendar object in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from scheduler.emulator.conference import video_uri
from scheduler.emulator.errors import Resource
from scheduler.emulator.looks import linked
from scheduler.emulator.moments import parse_moment, zone

_LINE_OCTETS = 74
_READABLE = "quoted-printable"
"""Seven bits on the wire, and still legible where somebody looks at the message as it was sent."""

_PARTSTAT = {
    "accepted": "ACCEPTED",
    "declined": "DECLINED",
    "tentative": "TENTATIVE",
    "needsAction": "NEEDS-ACTION",
}


def message(
    *,
    sender: tuple[str, str],
    recipient: str,
    subject: str,
    event: Resource,
    lines: list[str],
    method: str,
    attendees: list[Resource],
    now: datetime,
    message_id: str,
) -> EmailMessage:
    """Return one mail with text, HTML and the event as text/calendar and as invite.ics.

    `sender` is (display name, address) of the organizer: "Attendees receive the invitation from
    the organizer's email address" (INVITE). `attendees` are those this recipient may see.
    """
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["From"] = formataddr((sender[0], sender[1]), "utf-8")
    mail["To"] = recipient
    mail["Reply-To"] = mail["From"]
    mail["Subject"] = " ".join(subject.split())
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"
    calendar = icalendar(event, method=method, sender=sender, attendees=attendees, now=now)
    mail.set_content("\n\n".join(line for line in lines if line) + "\n", cte=_READABLE)
    paragraphs = "".join(
        f"<p>{str(linked(line)).replace(chr(10), '<br>')}</p>" for line in lines if line
    )
    mail.add_alternative(
        f"<!doctype html><html><body>{paragraphs}</body></html>", subtype="html", cte=_READABLE
    )
    mail.add_alternative(calendar, subtype="calendar", params={"method": method}, cte=_READABLE)
    mail.add_attachment(
        calendar.encode(), maintype="application", subtype="ics", filename="invite.ics"
    )
    return mail


def icalendar(
    event: Resource,
    *,
    method: str,
    sender: tuple[str, str],
    attendees: list[Resource],
    now: datetime,
) -> str:
    """Return the iCalendar object of an event (RFC 5545), times in UTC, lines folded."""
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Google Inc//Google Calendar 70.9054//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"DTSTART{_when(event['start'])}",
        f"DTEND{_when(event['end'])}",
        *event.get("recurrence", []),
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"ORGANIZER;CN={_quoted(sender[0])}:mailto:{sender[1]}",
        f"UID:{event['iCalUID']}",
        *(_attendee(guest) for guest in attendees),
        f"DESCRIPTION:{_text(description(event))}",
        f"LOCATION:{_text(str(event.get('location', '')))}",
        f"SEQUENCE:{event.get('sequence', 0)}",
        f"STATUS:{'CANCELLED' if method == 'CANCEL' else 'CONFIRMED'}",
        f"SUMMARY:{_text(str(event.get('summary', '')))}",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) + "\r\n" for line in lines)


def description(event: Resource) -> str:
    """Return the event's text with the way into the room below it, as Google writes it."""
    link = video_uri(event.get("conferenceData"))
    parts = [str(event.get("description", ""))]
    if link:
        parts.append(f"Join with Google Meet: {link}")
    return "\n\n".join(part for part in parts if part)


def when_text(event: Resource, zone_name: str) -> str:
    """Return the time in words, in one zone: "Mon 23 Nov 2026 10:00 - 10:45 (CET)"."""
    if "date" in event["start"]:
        first = date.fromisoformat(event["start"]["date"])
        last = date.fromisoformat(event["end"]["date"]) - timedelta(days=1)
        same = first == last
        return f"{first:%a %d %b %Y}" if same else f"{first:%a %d %b %Y} - {last:%a %d %b %Y}"
    local = zone(zone_name)
    start = parse_moment(event["start"]["dateTime"], event["start"].get("timeZone")).astimezone(
        local
    )
    end = parse_moment(event["end"]["dateTime"], event["end"].get("timeZone")).astimezone(local)
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%a %d %b %H:%M}"
    return f"{start:%a %d %b %Y %H:%M} - {until} ({start.tzname()})"


def _when(moment: Resource) -> str:
    if "date" in moment:
        return f";VALUE=DATE:{moment['date'].replace('-', '')}"
    utc = parse_moment(moment["dateTime"], moment.get("timeZone")).astimezone(UTC)
    return f":{utc:%Y%m%dT%H%M%SZ}"


def _attendee(guest: Resource) -> str:
    kind = "RESOURCE" if guest.get("resource") else "INDIVIDUAL"
    role = "OPT-PARTICIPANT" if guest.get("optional") else "REQ-PARTICIPANT"
    name = _quoted(guest.get("displayName") or guest["email"])
    status = _PARTSTAT[guest.get("responseStatus", "needsAction")]
    return (
        f"ATTENDEE;CUTYPE={kind};ROLE={role};PARTSTAT={status};RSVP=TRUE;CN={name};"
        f"X-NUM-GUESTS=0:mailto:{guest['email']}"
    )


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _quoted(name: str) -> str:
    return '"' + "".join(c for c in name if c >= " " and c != '"') + '"'


def _folded(line: str) -> str:
    """Fold at 75 octets without cutting a character in two."""
    pieces, piece, size = [], "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _LINE_OCTETS:
            pieces.append(piece)
            piece, size = "", 1
        piece += character
        size += octets
    return "\r\n ".join([*pieces, piece])
