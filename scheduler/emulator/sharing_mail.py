"""The mail that tells somebody that a calendar is shared with them."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import formataddr

from scheduler.emulator import mailbox
from scheduler.emulator.calendar import Calendar
from scheduler.emulator.world import World

_MAY = {
    "freeBusyReader": "see only free/busy (hide details)",
    "reader": "see all event details",
    "writerWithoutPrivateAccess": "make changes to events that are not private",
    "writer": "make changes to events",
    "owner": "make changes and manage sharing",
}


def tell_shared(world: World, sharer: str, calendar: Calendar, email: str, role: str) -> None:
    """Mail a user or a group what they may do with a calendar from now on."""
    account = world.account(sharer)
    name = account.name if account else sharer
    mail = EmailMessage()
    mail["From"] = formataddr((f"{name} (via Google Calendar)", "calendar-notification@google.com"))
    mail["Reply-To"] = formataddr((name, sharer))
    mail["To"] = email
    mail["Subject"] = f"{name} has shared a calendar with you"
    mail["Message-ID"] = mailbox.new_message_id()
    mail.set_content(
        f"{name} ({sharer}) has shared the calendar {calendar.name} with you.\n\n"
        f"You can {_MAY[role]}.\n\n"
        f"View it in Google Calendar: {world.settings.base_url}/calendar?as={email}\n"
    )
    mailbox.store_google(world, mail, [email])
