"""Candidates: who they are, what they applied for, and when they can."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.commands import audit, checks
from scheduler.commands.audit import Actor
from scheduler.commands.bookings import desire_anew
from scheduler.commands.checks import Refused
from scheduler.domain.booking import BookingState
from scheduler.domain.plan import Accommodations
from scheduler.domain.timespan import TimeSpan, merge
from scheduler.models.base import db
from scheduler.models.bookings import Booking
from scheduler.models.candidates import Application, Candidate, CandidateWindow
from scheduler.models.plans import Stage

MOST_WINDOWS = 60
MOST_EXTRA_TIME = timedelta(hours=4)
LONGEST_BREAK = timedelta(hours=4)


def add_candidate(
    *, name: str, email: str, zone: str, resume_url: str, by: Actor, now: datetime
) -> int:
    """Add a candidate and return their id. An empty address is allowed until they are booked.

    Raises Refused.
    """
    candidate = Candidate(
        name=checks.name(name),
        email=checks.address(email) if email.strip() else None,
        zone=checks.zone(zone),
        resume_url=checks.web_address(resume_url, field="resume_url", is_required=False),
        created_at=now,
    )
    db.session.add(candidate)
    db.session.flush()
    audit.record("add_candidate", ("candidate", candidate.id), by=by, now=now)
    db.session.commit()
    return candidate.id


def change_candidate(
    candidate_id: int,
    *,
    name: str,
    email: str,
    zone: str,
    resume_url: str,
    by: Actor,
    now: datetime,
) -> None:
    """Change a candidate's particulars; live bookings follow. Raises Refused.

    Somebody who is booked cannot lose their address: they would no longer be invited.
    """
    live = db.session.scalars(
        select(Booking)
        .join(Application, Application.id == Booking.application_id)
        .where(Application.candidate_id == candidate_id, Booking.state == BookingState.BOOKED)
        .order_by(Booking.id)
        .with_for_update(key_share=True, of=Booking)
        # What this session has read before may be old, and a revision is counted up from what it is.
        .execution_options(populate_existing=True)
    ).all()
    if live and not email.strip():
        db.session.rollback()
        raise Refused("email", "This candidate is booked, so keep an address for the invitations.")
    candidate = db.session.get_one(
        Candidate, candidate_id, with_for_update={"key_share": True}, populate_existing=True
    )
    candidate.name = checks.name(name)
    candidate.email = checks.address(email) if email.strip() else None
    candidate.zone = checks.zone(zone)
    candidate.resume_url = checks.web_address(resume_url, field="resume_url", is_required=False)
    audit.record("change_candidate", ("candidate", candidate_id), by=by, now=now)
    for booking in live:
        desire_anew(booking, now)
    db.session.commit()


def apply(
    candidate_id: int,
    *,
    stage_id: int,
    recruiter_id: int,
    scorecard_url: str = "",
    by: Actor,
    now: datetime,
) -> int:
    """Put a candidate at a stage of a role, in a recruiter's care; return the application's id."""
    stage = db.session.get_one(Stage, stage_id)
    application = Application(
        candidate_id=candidate_id,
        job_role_id=stage.job_role_id,
        stage_id=stage_id,
        recruiter_id=recruiter_id,
        scorecard_url=checks.web_address(scorecard_url, field="scorecard_url", is_required=False),
        created_at=now,
    )
    db.session.add(application)
    db.session.flush()
    audit.record("apply", ("application", application.id), by=by, now=now, stage_id=stage_id)
    db.session.commit()
    return application.id


def advance(application_id: int, *, stage_id: int, by: Actor, now: datetime) -> None:
    """Put an application at another stage of its role."""
    application = db.session.get_one(Application, application_id)
    stage = db.session.get_one(Stage, stage_id)
    if stage.job_role_id != application.job_role_id:
        raise Refused("stage", "This stage belongs to another role.")
    application.stage_id = stage_id
    audit.record("advance", ("application", application_id), by=by, now=now, stage_id=stage_id)
    db.session.commit()


def accommodate(application_id: int, needs: Accommodations, *, by: Actor, now: datetime) -> None:
    """Keep what a candidate needs; every slot from now on gives it. Raises Refused.

    Bookings already made stay as they are. The audit does not say what is needed.
    """
    if not timedelta(0) <= needs.extra_time <= MOST_EXTRA_TIME:
        raise Refused("extra_time", "Between 0 and 240 minutes.")
    if not timedelta(0) <= needs.shortest_gap <= LONGEST_BREAK:
        raise Refused("shortest_gap", "Between 0 and 240 minutes.")
    rest = needs.rest
    if rest is not None and not (
        timedelta(0) < rest.after and timedelta(0) < rest.length <= LONGEST_BREAK
    ):
        raise Refused("rest_length", "A rest is due after some time, and takes some time.")
    application = db.session.get_one(Application, application_id)
    application.extra_time = needs.extra_time
    application.shortest_gap = needs.shortest_gap
    application.rest_after = rest.after if rest else None
    application.rest_length = rest.length if rest else None
    audit.record("accommodate", ("application", application_id), by=by, now=now)
    db.session.commit()


def give_windows(
    application_id: int, windows: Sequence[TimeSpan], *, by: Actor, now: datetime
) -> None:
    """Replace the times at which a candidate can. Windows that touch become one. Raises Refused."""
    kept = merge(window for window in windows if window.end > now)
    if windows and not kept:
        raise Refused(
            "windows", "These times have passed. Give at least one that is still to come."
        )
    if len(kept) > MOST_WINDOWS:
        raise Refused("windows", f"Give at most {MOST_WINDOWS} times.")
    application = db.session.get_one(Application, application_id)
    application.windows = [CandidateWindow(during=window) for window in kept]
    audit.record("give_windows", ("application", application_id), by=by, now=now, windows=len(kept))
    db.session.commit()
