"""Who interviews: where and when they work, and how much they take."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utc_now
from scheduler.commands import people as commands
from scheduler.commands.checks import Refused
from scheduler.domain.people import COMFORTABLE
from scheduler.queries import admin_pages, namesakes
from scheduler.web import sessions
from scheduler.web.admin.forms import refuse
from scheduler.web.admin.interviewer_forms import (
    WEEKDAYS,
    InterviewerForm,
    LoadForm,
    load_form_of,
    usual_hours,
)
from scheduler.web.admin.rooms import cannot_meet

interviewers = Blueprint("interviewers", __name__, url_prefix="/admin/interviewers")

LONGEST_SEARCH = 100  # characters


@interviewers.get("")
def index() -> ResponseReturnValue:
    sought = " ".join(request.args.get("q", "").split())[:LONGEST_SEARCH].replace("\0", "")
    page = admin_pages.interviewers_page(utc_now(), sought)
    return render_template("admin/interviewers.html", page=page, weekdays=WEEKDAYS)


@interviewers.route("/new", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    form = InterviewerForm(
        zone=sessions.current().zone.key,
        hours=usual_hours(),
        comfortable_from=COMFORTABLE.opens_at,
        comfortable_until=COMFORTABLE.closes_at,
    )
    if form.validate_on_submit():
        try:
            interviewer_id = commands.add_interviewer(
                email=form.email.data or "",
                name=form.name.data or "",
                title=form.title.data or "",
                zone=form.zone.data,
                hours=form.hours.data,
                limit=form.limit,
                buffer=form.buffer_length,
                habits=form.habits,
                by=sessions.actor(),
                now=utc_now(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            flash(f"{form.name.data} can be put into pools now.", "success")
            added = admin_pages.interviewer_page(interviewer_id)
            named_like = namesakes.of_interviewer(added.name, added.email)
            if named_like:
                flash(cannot_meet(named_like, [added.name]), "warning")
            return redirect(url_for(".edit", interviewer_id=interviewer_id), 303)
    return _shown("admin/new_interviewer.html", form)


@interviewers.route("/<id:interviewer_id>", methods=["GET", "POST"])
def edit(interviewer_id: int) -> ResponseReturnValue:
    page = admin_pages.interviewer_page(interviewer_id)
    form = load_form_of(page, commands.current_version(interviewer_id))
    is_outdated = False
    if form.validate_on_submit():
        try:
            commands.change_interviewer(
                interviewer_id,
                title=form.title.data or "",
                zone=form.zone.data,
                hours=form.hours.data,
                limit=form.limit,
                buffer=form.buffer_length,
                habits=form.habits,
                version=form.version.data or None,
                by=sessions.actor(),
                now=utc_now(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        except commands.InterviewerChanged:
            is_outdated = True
            form.version.data = commands.current_version(interviewer_id)
        else:
            flash("Saved. Bookings already made stay as they are.", "success")
            return redirect(url_for(".index"), 303)
    return _shown("admin/interviewer.html", form, is_outdated=is_outdated, page=page)


def _shown(
    template: str, form: LoadForm, *, is_outdated: bool = False, **more: object
) -> ResponseReturnValue:
    page = render_template(template, form=form, weekdays=WEEKDAYS, is_outdated=is_outdated, **more)
    return page, 409 if is_outdated else 422 if form.errors else 200
