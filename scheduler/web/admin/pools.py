"""Interviewer pools: who can hold which kind of interview."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from scheduler.clock import utc_now
from scheduler.commands import people as commands
from scheduler.commands.checks import Refused
from scheduler.domain.people import Standing
from scheduler.queries import admin_pages
from scheduler.web import sessions
from scheduler.web.admin.forms import JoinForm, NewPoolForm, choices, refuse

pools = Blueprint("pools", __name__, url_prefix="/admin/pools")


@pools.route("", methods=["GET", "POST"])
def index() -> ResponseReturnValue:
    form = NewPoolForm()
    if form.validate_on_submit():
        try:
            pool_id = commands.make_pool(form.name.data or "", by=sessions.actor(), now=utc_now())
        except Refused as refusal:
            refuse(form, refusal)
        else:
            return redirect(url_for(".show", pool_id=pool_id), 303)
    page = admin_pages.pools_page()
    return (
        render_template("admin/pools.html", pools=page, form=form),
        422 if form.errors else 200,
    )


@pools.get("/<id:pool_id>")
def show(pool_id: int) -> ResponseReturnValue:
    page = admin_pages.pool_page(pool_id)
    return _shown(page, _join_form(page.others), 200)


@pools.post("/<id:pool_id>/members")
def join(pool_id: int) -> ResponseReturnValue:
    """Put somebody into the pool, or change how they stand there."""
    page = admin_pages.pool_page(pool_id)
    members = [(member.interviewer_id, member.name) for member in page.members]
    form = _join_form([*page.others, *members])
    if not form.validate_on_submit():
        return _shown(page, form, 422)
    commands.join_pool(
        pool_id,
        form.interviewer_id.data,
        Standing(form.standing.data),
        by=sessions.actor(),
        now=utc_now(),
    )
    return redirect(url_for(".show", pool_id=pool_id), 303)


@pools.post("/<id:pool_id>/members/<id:interviewer_id>/removal")
def leave(pool_id: int, interviewer_id: int) -> ResponseReturnValue:
    page = admin_pages.pool_page(pool_id)
    commands.leave_pool(pool_id, interviewer_id, by=sessions.actor(), now=utc_now())
    gone = [member.name for member in page.members if member.interviewer_id == interviewer_id]
    if gone:
        flash(f"{gone[0]} is not in {page.name} any more. Bookings stay.", "success")
    return redirect(url_for(".show", pool_id=pool_id), 303)


def _join_form(people: Sequence[tuple[int, str]]) -> JoinForm:
    form = JoinForm(formdata=request.form if request.method == "POST" else None)
    form.interviewer_id.choices = choices(people)
    return form


def _shown(page: admin_pages.PoolPage, form: JoinForm, status: int) -> ResponseReturnValue:
    if status != 200:
        form.interviewer_id.choices = choices(page.others)
    return render_template("admin/pool.html", page=page, form=form), status
