"""Who interviews: where and when they work, and how much they take."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utc_now
from scheduler.commands import people as commands
from scheduler.commands.checks import Refused
from scheduler.queries import admin_pages
from scheduler.web import sessions
from scheduler.web.admin.forms import WEEKDAYS, InterviewerForm, LoadForm, refuse, usual_hours

interviewers = Blueprint("interviewers", __name__, url_prefix="/admin/interviewers")

LONGEST_SEARCH = 100  # characters


@interviewers.get("")
def index() -> ResponseReturnValue:
    sought = " ".join(request.args.get("q", "").split())[:LONGEST_SEARCH].replace("\0", "")
    page = admin_pages.interviewers_page(utc_now(), sought)
    return render_template("admin/interviewers.html", page=page, weekdays=WEEKDAYS)


@interviewers.route("/new", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    form = InterviewerForm(zone=sessions.current().zone.key, hours=usual_hours())
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
                by=sessions.actor(),
                now=utc_now(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            flash(f"{form.name.data} can be put into pools now.", "success")
            return redirect(url_for(".edit", interviewer_id=interviewer_id), 303)
    return _shown("admin/new_interviewer.html", form)


@interviewers.route("/<id:interviewer_id>", methods=["GET", "POST"])
def edit(interviewer_id: int) -> ResponseReturnValue:
    page = admin_pages.interviewer_page(interviewer_id)
    form = LoadForm(
        title=page.title,
        zone=page.zone.key,
        hours=page.hours,
        per_day=page.limit.per_day,
        per_week=page.limit.per_week,
        buffer=int(page.buffer.total_seconds() // 60),
    )
    if form.validate_on_submit():
        try:
            commands.change_interviewer(
                interviewer_id,
                title=form.title.data or "",
                zone=form.zone.data,
                hours=form.hours.data,
                limit=form.limit,
                buffer=form.buffer_length,
                habits=commands.Habits(
                    comfortable=page.comfortable,
                    preferred_blocks=page.preferred_blocks,
                    paused_from=page.paused_from,
                    paused_until=page.paused_until,
                    holiday_country=page.holiday_country,
                    days_off=page.days_off,
                ),
                by=sessions.actor(),
                now=utc_now(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            flash("Saved. Bookings already made stay as they are.", "success")
            return redirect(url_for(".index"), 303)
    return _shown("admin/interviewer.html", form, page=page)


def _shown(template: str, form: LoadForm, **more: object) -> ResponseReturnValue:
    status = 422 if form.errors else 200
    return render_template(template, form=form, weekdays=WEEKDAYS, **more), status
