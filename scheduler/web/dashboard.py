"""The work queue: the first page of everybody who schedules."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from scheduler.clock import utc_now
from scheduler.domain.people import Role
from scheduler.queries import work_queue
from scheduler.web import sessions

dashboard = Blueprint("dashboard", __name__)


@dashboard.get("/")
def index() -> ResponseReturnValue:
    """Show what needs a person, who waits, and what is coming up."""
    me = sessions.current()
    # Recruiters look after candidates of their own; who coordinates looks after everybody's.
    whose = request.args.get("whose", "mine" if me.role is Role.RECRUITER else "everybody")
    page = work_queue.work_queue(
        zone=me.zone, now=utc_now(), recruiter_id=me.user_id if whose == "mine" else None
    )
    return render_template("dashboard/work_queue.html", page=page)
