"""Roles to hire for and their interview plans."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utc_now
from scheduler.commands import plans as commands
from scheduler.commands.checks import Refused
from scheduler.commands.plans import StageChanged
from scheduler.queries import admin_pages, plan_pages, probes, room_pages
from scheduler.web import sessions
from scheduler.web.admin.forms import refuse
from scheduler.web.admin.rules_forms import RulesForm, typed
from scheduler.web.admin.stage_changes import Change, Names, changes, mark_of
from scheduler.web.admin.stage_forms import MOST_INTERVIEWS, JobRoleForm, RewordingForm, StageForm

plans = Blueprint("plans", __name__, url_prefix="/admin/plans")


@plans.get("")
def index() -> ResponseReturnValue:
    return render_template("admin/plans.html", plans=plan_pages.plans_page())


@plans.get("/<id:job_role_id>")
def show(job_role_id: int) -> ResponseReturnValue:
    return render_template(
        "admin/plan.html",
        probes=probes.of_plan(job_role_id),
        zone=sessions.current().zone,
        plan=plan_pages.plan_page(job_role_id),
    )


@plans.route("/new", methods=["GET", "POST"])
def open_role() -> ResponseReturnValue:
    form = JobRoleForm()
    if _is_finished(form):
        try:
            job_role_id = commands.open_job_role(
                form.job_title.data or "",
                form.team.data or "",
                [form.draft()],
                by=sessions.actor(),
                now=utc_now(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            flash(f"{form.job_title.data} is open. Add the next stage here.", "success")
            return redirect(url_for(".show", job_role_id=job_role_id), 303)
    return _stage_form("admin/new_plan.html", form)


@plans.route("/<id:job_role_id>/stages/new", methods=["GET", "POST"])
def add_stage(job_role_id: int) -> ResponseReturnValue:
    plan = plan_pages.plan_page(job_role_id)
    form = StageForm()
    if _is_finished(form):
        try:
            commands.add_stage(job_role_id, form.draft(), by=sessions.actor(), now=utc_now())
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect(url_for(".show", job_role_id=job_role_id), 303)
    return _stage_form("admin/new_stage.html", form, plan=plan)


@plans.route("/stages/<id:stage_id>/rules", methods=["GET", "POST"])
def change_stage(stage_id: int) -> ResponseReturnValue:
    """Change what a stage asks for: what is different is shown, and kept once that is confirmed."""
    plan, _ = plan_pages.stage_page(stage_id)
    kept, version = commands.drafted(stage_id)
    form = RulesForm(data=typed(kept) | {"version": str(version)})
    names = _names()
    found: list[Change] = []
    if _is_finished(form):
        draft = form.draft()
        found = changes(kept, draft, names)
        try:
            commands.check_stage(draft)
            if not found:
                flash("Nothing has changed.")
                return redirect(url_for(".show", job_role_id=plan.job_role_id), 303)
            if form.confirmed.data == mark_of(draft, version):
                commands.change_stage(
                    stage_id, draft, version=version, by=sessions.actor(), now=utc_now()
                )
                flash("Changed. Bookings already made stay as they are.", "success")
                return redirect(url_for(".show", job_role_id=plan.job_role_id), 303)
        except Refused as refusal:
            refuse(form, refusal)
            found = []
        except StageChanged:
            return redirect(url_for(".change_stage", stage_id=stage_id), 303)
    is_outdated = form.version.data != str(version)
    form.confirmed.data = mark_of(form.draft(), version) if found else ""
    form.version.data = str(version)
    page, status = _stage_form(
        "admin/change_stage.html",
        form,
        plan=plan,
        stage_title=kept.title,
        changes=found,
        is_outdated=is_outdated,
        not_shown=[] if form.is_submitted() else changes(kept, form.draft(), names),
        impact=plan_pages.impact_of(stage_id),
    )
    return page, 409 if is_outdated else status


@plans.route("/stages/<id:stage_id>", methods=["GET", "POST"])
def reword(stage_id: int) -> ResponseReturnValue:
    """Change what candidates read about a stage."""
    plan, stage = plan_pages.stage_page(stage_id)
    meanwhile: list[Change] | None = None
    form = RewordingForm(
        version=commands.words_version(stage_id),
        public_title=stage.public_title,
        public_notes=stage.public_notes,
        location=stage.location,
    )
    if form.validate_on_submit():
        try:
            commands.reword_stage(
                stage_id,
                public_title=form.public_title.data or "",
                public_notes=form.public_notes.data or "",
                location=form.location.data or "",
                version=form.version.data or None,
                by=sessions.actor(),
                now=utc_now(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        except StageChanged:
            form.version.data = commands.words_version(stage_id)
            meanwhile = _between_words(stage_id, form)
        else:
            flash("Saved. Candidates read it in everything that is booked from now on.", "success")
            return redirect(url_for(".show", job_role_id=plan.job_role_id), 303)
    page = render_template(
        "admin/wording.html", form=form, plan=plan, stage=stage, meanwhile=meanwhile
    )
    return page, 409 if meanwhile is not None else 422 if form.errors else 200


def _between_words(stage_id: int, form: RewordingForm) -> list[Change]:
    """Return how the words of a stage differ from those that somebody typed."""
    kept, _ = commands.drafted(stage_id)
    typed_words = replace(
        kept,
        public_title=form.public_title.data or "",
        public_notes=form.public_notes.data or "",
        location=form.location.data or "",
    )
    return changes(kept, typed_words, Names(pools={}, people={}, rooms={}))


def _names() -> Names:
    return Names(
        pools=dict(admin_pages.pool_choices()),
        people=dict(plan_pages.people_choices()),
        rooms=dict(room_pages.room_choices()),
    )


def _is_finished(form: StageForm) -> bool:
    """Say whether the form was sent to be kept, and holds what it must."""
    offered = (
        admin_pages.pool_choices(),
        plan_pages.people_choices(),
        room_pages.room_choices(),
    )
    form.offer(*offered)
    if request.form.get("change") == "more" and len(form.interviews) < MOST_INTERVIEWS:
        form.interviews.append_entry()
        form.offer(*offered)
        return False
    if request.form.get("change") == "fewer" and len(form.interviews) > 1:
        form.interviews.pop_entry()
        return False
    return bool(form.validate_on_submit())


def _stage_form(template: str, form: StageForm, **more: object) -> tuple[str, int]:
    page = render_template(
        template,
        form=form,
        has_pools=bool(admin_pages.pool_choices()),
        can_grow=len(form.interviews) < MOST_INTERVIEWS,
        **more,
    )
    return page, 422 if form.errors else 200
