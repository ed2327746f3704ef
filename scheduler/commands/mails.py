"""Mail to candidates: written with the change that causes it, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr

from sqlalchemy import select, update

from scheduler import wakeups
from scheduler.commands import audit, invites
from scheduler.commands.audit import GREENROOM, Actor
from scheduler.commands.bookings import CandidateHasNoAddress
from scheduler.config import Settings
from scheduler.domain.booking import Attention
from scheduler.domain.disclosure import (
    CandidateLetter,
    IdentityLeak,
    LetterKind,
    refuse_mentions,
    withheld_for,
)
from scheduler.keys import KeyRing, Place
from scheduler.mail.messages import compose, new_message_id
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from scheduler.models.candidates import Application, Invite
from scheduler.models.mail import MailState, OutboxMail
from scheduler.queries import letters, slot_searches
from scheduler.queries.invites import page_url
from scheduler.queries.wanted import withheld_names

GIVE_UP_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes to candidates: the company's name, its address, and where its pages are."""

    company: str
    mail_from: str
    public_url: str
    keys: KeyRing

    @classmethod
    def of(cls, settings: Settings, keys: KeyRing) -> Sender:
        return cls(settings.company_name, settings.mail_from, settings.public_url, keys)


def tell_candidate(booking_id: int, revision: int, *, sender: Sender, now: datetime) -> bool:
    """Write the mail that tells the candidate what is new, if anything is; return whether.

    One mail for each digest of what they are told: a swap changes nothing, there and back changes
    nothing, a booking that ends before they heard of it is never mentioned. Raises IdentityLeak.
    """
    booking = db.session.get_one(
        Booking, booking_id, with_for_update={"key_share": True}, populate_existing=True
    )
    letter = letters.letter_of(
        booking,
        company=sender.company,
        page_url=page_url(booking.invite, keys=sender.keys, public_url=sender.public_url),
    )
    digest = letters.digest_of(letter)
    has_heard = booking.told_digest is not None or any(call.published_at for call in booking.calls)
    is_stillborn = letter.kind is LetterKind.CANCELLED and not has_heard
    is_old = digest == booking.told_digest or booking.desired_revision != revision
    is_over = letter.kind is not LetterKind.CANCELLED and all(
        call.span.end <= now for call in letter.calls
    )
    if is_stillborn or is_old or is_over:
        db.session.rollback()
        return False
    _refuse_leaks(letter, withheld_names(booking))
    # An older mail that the mail server has kept waiting must not arrive after this one.
    db.session.execute(
        update(OutboxMail)
        .where(OutboxMail.booking_id == booking_id, OutboxMail.state == MailState.WAITING)
        .values(state=MailState.OVERTAKEN)
    )
    booking.candidate_revision += 1
    booking.told_digest = digest
    booking.told_times = letters.times_of(letters.live_calls(booking))
    first = db.session.scalar(
        select(OutboxMail.message_id)
        .where(OutboxMail.booking_id == booking_id)
        .order_by(OutboxMail.id)
        .limit(1)
    )
    mail = _outbox_mail(letter, booking.invite, sender, in_reply_to=first, now=now)
    mail.booking_id, mail.booking_revision = booking_id, revision
    mail.candidate_revision = booking.candidate_revision
    _put(mail)
    audit.record(
        "tell_candidate", ("booking", booking_id), by=GREENROOM, now=now, kind=letter.kind.value
    )
    db.session.commit()
    return True


def offer_times(
    application_id: int, stage_id: int, *, sender: Sender, by: Actor, now: datetime
) -> bool:
    """Ask the candidate to choose a time themselves, by mail; return whether that is news to them.

    Once is enough, until a booking made of it is cancelled. Raises CandidateHasNoAddress, and
    IdentityLeak when a text they would read names somebody who could be on the panel.
    """
    invite = invites.invite_for(application_id, stage_id, keys=sender.keys, now=now)
    application = db.session.get_one(Application, application_id)
    if application.candidate.email is None:
        db.session.rollback()
        raise CandidateHasNoAddress
    if invite.offered_at is not None:
        db.session.rollback()
        return False
    letter = CandidateLetter(
        kind=LetterKind.INVITE,
        company=sender.company,
        to_name=application.candidate.name,
        to_email=application.candidate.email,
        stage_title=invite.stage.public_title,
        zone=application.candidate.zone,
        calls=(),
        entries=(),
        notes=invite.stage.public_notes,
        location=invite.stage.location,
        page_url=page_url(invite, keys=sender.keys, public_url=sender.public_url),
        contact=letters.contact_of(application, stage_id, None),
        sequence=0,
    )
    could_sit = [(row.name, row.email) for row in slot_searches.who_could_sit(stage_id)]
    try:
        _refuse_leaks(letter, withheld_for(could_sit, known=[application.candidate.name]))
    except IdentityLeak:
        db.session.rollback()
        raise
    invite.offered_at = now
    _put(_outbox_mail(letter, invite, sender, in_reply_to=None, now=now))
    audit.record("offer_times", ("invite", invite.id), by=by, now=now)
    db.session.commit()
    return True


def record_sent(mail_id: int, *, now: datetime) -> None:
    """Keep that the mail server has taken a mail."""
    mail = db.session.get_one(OutboxMail, mail_id)
    mail.state, mail.sent_at, mail.last_error = MailState.SENT, now, ""
    if mail.booking_id is not None:
        audit.record("record_sent", ("outbox_mail", mail_id), by=GREENROOM, now=now)
    db.session.commit()


def record_postponed(mail_id: int, reason: str, *, until: datetime, now: datetime) -> None:
    """Keep that a mail could not be handed over yet; after a day it counts as refused."""
    mail = db.session.get_one(OutboxMail, mail_id)
    mail.attempts += 1
    if now - mail.created_at > GIVE_UP_AFTER:
        _refuse(mail, reason, now)
    else:
        mail.next_attempt_at, mail.last_error = until, reason[:200]
    db.session.commit()


def record_refused(mail_id: int, reason: str, *, now: datetime) -> None:
    """Keep that the mail server refused a mail for good, and show it to the recruiter."""
    _refuse(db.session.get_one(OutboxMail, mail_id), reason, now)
    db.session.commit()


def message_place(message_id: str) -> Place:
    """Return where a mail's bytes are sealed to."""
    return Place("outbox_mail", message_id, "message_sealed")


def _refuse(mail: OutboxMail, reason: str, now: datetime) -> None:
    if mail.booking_id is not None:
        # The booking before its mails, as everywhere.
        booking = db.session.get_one(
            Booking, mail.booking_id, with_for_update={"key_share": True}, populate_existing=True
        )
        is_latest = mail.candidate_revision == booking.candidate_revision
        if is_latest and booking.attention is None:
            booking.attention = Attention.MAIL_REFUSED
            booking.attention_detail = reason[:200]
    mail.state, mail.last_error = MailState.REFUSED, reason[:200]
    audit.record("record_refused", ("outbox_mail", mail.id), by=GREENROOM, now=now)


def _refuse_leaks(letter: CandidateLetter, withheld: tuple[str, ...]) -> None:
    titles = [item.title for call in letter.calls for item in call.agenda]
    refuse_mentions(
        {
            "public title of the stage": [letter.stage_title],
            "public notes of the stage": [letter.notes],
            "location of the stage": [letter.location],
            "public title of an interview": titles,
        },
        withheld,
    )


def _outbox_mail(
    letter: CandidateLetter,
    invite: Invite,
    sender: Sender,
    *,
    in_reply_to: str | None,
    now: datetime,
) -> OutboxMail:
    message_id = new_message_id(parseaddr(sender.mail_from)[1].rpartition("@")[2])
    message = compose(
        letter, mail_from=sender.mail_from, message_id=message_id, in_reply_to=in_reply_to, now=now
    )
    return OutboxMail(
        invite_id=invite.id,
        kind=letter.kind,
        to_address=letter.to_email,
        message_id=message_id,
        message_sealed=sender.keys.seal(
            message.as_bytes().decode("ascii", "surrogateescape"), message_place(message_id)
        ),
        next_attempt_at=now,
        created_at=now,
    )


def _put(mail: OutboxMail) -> None:
    db.session.add(mail)
    db.session.flush()
    wakeups.send_mail_soon(db.session.connection(), mail.id)
